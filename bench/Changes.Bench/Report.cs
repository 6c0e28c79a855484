using System.Globalization;

namespace BackendGuide.Changes.Bench;

/// <summary>How much is measured.</summary>
internal sealed record Scale(int ContentEvents, int CareerEvents, int Rounds, int Streams, TimeSpan Window)
{
    public static readonly Scale Full = new(
        ContentEvents: 90_000,
        CareerEvents: 10_000,
        Rounds: 3,
        Streams: 1_000,
        TimeSpan.FromSeconds(10)
    );

    public static readonly Scale Quick = new(ContentEvents: 2_700, CareerEvents: 300, Rounds: 1, Streams: 50, TimeSpan.FromSeconds(2));

    public int Events => ContentEvents + CareerEvents;
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
            $"{Environment.ProcessorCount} cores, {scale.Events} events, {scale.Rounds} rounds, services, readers and servers on the same machine"
        );
        foreach (var figure in figures)
        {
            var bound = figure.Bound is { } value ? $"{(figure.AtLeast ? ">=" : "<=")} {value.ToString(CultureInfo.InvariantCulture)}" : "";
            var verdict =
                figure.Bound is null || (scale == Scale.Quick && !figure.IsJudgedAlways) ? ""
                : figure.IsReached ? "reached"
                : "MISSED";
            Console.WriteLine(
                $"{figure.Name, -62} {figure.Value.ToString("#,0.###", CultureInfo.InvariantCulture), 10} {figure.Unit, -10} {bound, -9} {verdict}"
            );
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
