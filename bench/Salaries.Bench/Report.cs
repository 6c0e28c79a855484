using System.Globalization;

namespace BackendGuide.Salaries.Bench;

/// <summary>How much is measured.</summary>
/// <param name="Rows">Of the upload.</param>
/// <param name="Observations">That are there when salaries are read.</param>
/// <param name="WarmUpReads">Of each kind, before those that are measured.</param>
/// <param name="Reads">Of each kind.</param>
internal sealed record Scale(int Rows, int Observations, int WarmUpReads, int Reads)
{
    public static readonly Scale Full = new(Rows: 1_000_000, Observations: 10_000_000, WarmUpReads: 10_000, Reads: 2_000);

    public static readonly Scale Quick = new(Rows: 30_000, Observations: 60_000, WarmUpReads: 50, Reads: 100);
}

/// <summary>One line of the table.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Of the figure.</param>
/// <param name="Most">What it may be; null where nothing is demanded.</param>
/// <param name="IsJudgedAlways">True where it does not depend on how fast the machine is.</param>
internal sealed record Figure(string Name, double Value, string Unit, double? Most = null, bool IsJudgedAlways = false)
{
    public bool IsReached => Most is not { } most || Value <= most;
}

internal static class Report
{
    public static void Print(IReadOnlyList<Figure> figures, Scale scale)
    {
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        Console.WriteLine(
            $"{Environment.ProcessorCount} cores with everything on them, a load of {load} at the end; {scale.Rows:#,0} rows uploaded, then {scale.Observations:#,0} observations"
        );
        foreach (var figure in figures)
        {
            var bound = figure.Most is { } most ? $"<= {most.ToString("#,0", CultureInfo.InvariantCulture)}" : "";
            var verdict =
                figure.Most is null || (scale == Scale.Quick && !figure.IsJudgedAlways) ? ""
                : figure.IsReached ? "reached"
                : "MISSED";
            Console.WriteLine(
                $"{figure.Name, -66} {figure.Value.ToString("#,0.##", CultureInfo.InvariantCulture), 10} {figure.Unit, -8} {bound, -9} {verdict}"
            );
        }
    }
}
