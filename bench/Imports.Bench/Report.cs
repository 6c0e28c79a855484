using System.Globalization;

namespace BackendGuide.Imports.Bench;

/// <summary>How much is measured.</summary>
internal sealed record Scale(int Guides)
{
    public static readonly Scale Full = new(100_000);

    public static readonly Scale Quick = new(1_000);
}

/// <summary>One line of the table.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Of the figure.</param>
/// <param name="Bound">What it is to be; null where nothing is demanded.</param>
/// <param name="AtLeast">True where the bound is a floor, false where it is a ceiling.</param>
/// <param name="IsJudgedAlways">True where it does not depend on how fast the machine is.</param>
internal sealed record Figure(
    string Name,
    double Value,
    string Unit,
    double? Bound = null,
    bool AtLeast = true,
    bool IsJudgedAlways = false
)
{
    public bool IsReached => Bound is not { } bound || (AtLeast ? Value >= bound : Value <= bound);
}

internal static class Report
{
    public static void Print(IReadOnlyList<Figure> figures, Scale scale)
    {
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Environment.ProcessorCount} cores, {scale.Guides:#,0} guides of 4 KB; gateway, services, servers and client on the same machine"
            )
        );
        foreach (var figure in figures)
        {
            var bound = figure.Bound is { } value
                ? $"{(figure.AtLeast ? ">=" : "<=")} {value.ToString("#,0", CultureInfo.InvariantCulture)}"
                : "";
            var verdict =
                figure.Bound is null || (scale == Scale.Quick && !figure.IsJudgedAlways) ? ""
                : figure.IsReached ? "reached"
                : "MISSED";
            Console.WriteLine(
                $"{figure.Name, -62} {figure.Value.ToString("#,0.#", CultureInfo.InvariantCulture), 10} {figure.Unit, -9} {bound, -9} {verdict}"
            );
        }
    }
}
