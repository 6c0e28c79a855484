using System.Globalization;

namespace BackendGuide.Gateway.Bench;

/// <summary>How much is measured.</summary>
internal sealed record Scale(int Guides, int Rounds, TimeSpan Round, TimeSpan WarmUp, TimeSpan Visibility, TimeSpan Soak)
{
    /// <summary>How often what is measured once is measured at most, where others took some of the cores.</summary>
    public int MostRuns => Rounds == 1 ? 1 : 3;

    public static readonly Scale Full = new(
        Guides: 1_000,
        Rounds: 7,
        Round: TimeSpan.FromSeconds(3),
        WarmUp: TimeSpan.FromSeconds(5),
        Visibility: TimeSpan.FromSeconds(30),
        Soak: TimeSpan.Zero
    );

    /// <summary>That everything works, and nothing more.</summary>
    public static readonly Scale Quick = new(
        Guides: 40,
        Rounds: 1,
        Round: TimeSpan.FromSeconds(1),
        WarmUp: TimeSpan.Zero,
        Visibility: TimeSpan.FromSeconds(2),
        Soak: TimeSpan.Zero
    );
}

/// <summary>A figure that is no ratio.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Of the figure.</param>
/// <param name="Most">What it is to be at most; null where nothing is demanded.</param>
/// <param name="Least">What it is to be at least.</param>
internal sealed record Figure(string What, double Value, string Unit, double? Most = null, double? Least = null)
{
    /// <summary>Why nobody can judge by it; null where one can.</summary>
    public string? Noise { get; init; }

    public bool IsReached => (Most is not { } most || Value <= most) && (Least is not { } least || Value >= least);
}

internal static class Report
{
    /// <summary>1 where a figure was missed; 3 where one was that nobody can judge by what it was measured against; 0 where none was.</summary>
    public static int ExitCode(IReadOnlyList<Line> lines, IReadOnlyList<Figure> figures, Scale scale) =>
        scale.Rounds == 1 ? 0
        : lines.Any(line => line is { IsReached: false, Noise: null }) || figures.Any(figure => figure is { IsReached: false, Noise: null })
            ? 1
        : lines.Any(line => !line.IsReached) || figures.Any(figure => !figure.IsReached) ? 3
        : 0;

    public static void Print(IReadOnlyList<Line> lines, IReadOnlyList<Figure> figures, Scale scale)
    {
        var isJudged = scale.Rounds > 1;
        Console.WriteLine(
            $"{Environment.ProcessorCount} cores with the load on them, {scale.Guides} keys, {Load.Connections} connections, medians of {scale.Rounds} rounds of {scale.Round.TotalSeconds} s"
        );
        Console.WriteLine($"{"", -36} {"ratio", 6} {"req/s", 9} {"p99 ms", 8} {"p99", 6} {"CPU us", 8} {"bytes", 8} {"MiB", 5}");
        foreach (var group in lines.GroupBy(line => line.What))
        {
            Console.WriteLine(group.Key);
            foreach (var line in group)
            {
                var verdict =
                    line.Bounds == new Bounds() || !isJudged ? "" : $"{VerdictOn(line.IsReached, line.Noise)} {Write(line.Bounds)}";
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {line.Name, -34} {line.Ratio, 6:0.00} {line.PerSecond, 9:#,0} {line.P99, 8:0.00} {line.P99Ratio, 6:0.00} {line.Micro, 8:0.0} {line.Bytes, 8:#,0} {line.Resident / (1024 * 1024), 5:0} {verdict}"
                    )
                );
            }
        }
        foreach (var figure in figures)
        {
            var bound =
                figure.Most is { } most ? $"<= {most.ToString("#,0.##", CultureInfo.InvariantCulture)}"
                : figure.Least is { } least ? $">= {least.ToString("#,0.##", CultureInfo.InvariantCulture)}"
                : "";
            var verdict = bound.Length == 0 || !isJudged ? "" : VerdictOn(figure.IsReached, figure.Noise);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{figure.What, -60} {figure.Value, 10:#,0.##} {figure.Unit, -8} {bound, -9} {verdict}"
                )
            );
        }
        foreach (var noise in lines.Select(line => line.Noise).Concat(figures.Select(figure => figure.Noise)).OfType<string>().Distinct())
        {
            Console.WriteLine($"The machine was too noisy to judge by: {noise}");
        }
    }

    public static double Percentile(IEnumerable<double> values, double rank)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, Math.Floor(rank * sorted.Length))];
    }

    private static string VerdictOn(bool isReached, string? noise) =>
        isReached ? "reached"
        : noise is null ? "MISSED"
        : "too noisy for";

    private static string Write(Bounds bounds) =>
        string.Join(
            ", ",
            new[]
            {
                bounds.Ratio is { } ratio ? $">= {ratio.ToString(CultureInfo.InvariantCulture)}" : null,
                bounds.P99 is { } p99 ? $"p99 <= {p99.ToString(CultureInfo.InvariantCulture)}" : null,
            }.OfType<string>()
        );
}
