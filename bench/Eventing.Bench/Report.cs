using System.Globalization;

namespace BackendGuide.Eventing.Bench;

/// <summary>How much is measured.</summary>
internal sealed record Scale(int Rounds, TimeSpan Round, int Backlog, int WritesPerSecond, TimeSpan Latency)
{
    public static readonly Scale Full = new(
        Rounds: 7,
        TimeSpan.FromSeconds(3),
        Backlog: 20_000,
        WritesPerSecond: 100,
        TimeSpan.FromSeconds(30)
    );

    public static readonly Scale Quick = new(
        Rounds: 1,
        TimeSpan.FromSeconds(1),
        Backlog: 500,
        WritesPerSecond: 50,
        TimeSpan.FromSeconds(2)
    );
}

/// <summary>One line of the table.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Of the figure.</param>
/// <param name="Bound">What it is to be; null where nothing is demanded.</param>
/// <param name="AtLeast">True where the bound is a floor, false where it is a ceiling.</param>
internal sealed record Figure(string Name, double Value, string Unit, double? Bound = null, bool AtLeast = true)
{
    public bool IsReached => Bound is not { } bound || (AtLeast ? Value >= bound : Value <= bound);
}

internal static class Report
{
    public static void Print(IReadOnlyList<Figure> figures, Scale scale)
    {
        Console.WriteLine(
            $"{Environment.ProcessorCount} cores, {scale.Rounds} rounds of {scale.Round.TotalSeconds} s, the load generator on the same machine"
        );
        foreach (var figure in figures)
        {
            var bound = figure.Bound is { } value ? $"{(figure.AtLeast ? ">=" : "<=")} {value.ToString(CultureInfo.InvariantCulture)}" : "";
            var verdict =
                figure.Bound is null || scale == Scale.Quick ? ""
                : figure.IsReached ? "reached"
                : "MISSED";
            Console.WriteLine(
                $"{figure.Name, -58} {figure.Value.ToString("#,0.###", CultureInfo.InvariantCulture), 10} {figure.Unit, -10} {bound, -9} {verdict}"
            );
        }
    }

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    public static double Percentile(IEnumerable<double> values, double rank)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, Math.Floor(rank * sorted.Length))];
    }
}
