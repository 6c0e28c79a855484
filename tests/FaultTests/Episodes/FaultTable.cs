using System.Globalization;

namespace BackendGuide.FaultTests.Episodes;

/// <summary>All episodes as one table, a row for each fault.</summary>
internal static class FaultTable
{
    private static readonly string[] Head =
    [
        "fault",
        "runs",
        "acknowledged",
        "events",
        "lost",
        "dup. delivered",
        "dup. effects",
        "order breaks",
        "holes",
        "recovery p50",
        "recovery p99",
    ];

    private static readonly string[] FeltHead =
    [
        "felt at the gateway",
        "reads",
        "stale",
        "503",
        "failed",
        "p99 before",
        "during",
        "after",
        "reads again",
        "writes",
        "failed",
        "p99 before",
        "during",
        "after",
        "writes again",
    ];

    /// <summary>Markdown, so that it can be put into a document as it is.</summary>
    public static string Format(IReadOnlyCollection<EpisodeResult> results) =>
        Format([Head, .. results.GroupBy(result => result.Fault).Select(Row)]);

    /// <summary>The same of what clients felt: the longest of each fault's runs where it is how long something took.</summary>
    public static string FormatFelt(IReadOnlyCollection<EpisodeResult> results) =>
        Format([FeltHead, .. results.GroupBy(result => result.Fault).Select(FeltRow)]);

    private static string Format(string[][] rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        var lines = rows.Select(row =>
                Line(row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))
            )
            .ToList();
        lines.Insert(1, Line(widths.Select((width, column) => column == 0 ? new string('-', width) : new string('-', width - 1) + ":")));
        return string.Join('\n', lines);
    }

    /// <summary>The smallest value that is not exceeded by that part of them.</summary>
    public static TimeSpan Percentile(IEnumerable<TimeSpan> values, double part)
    {
        TimeSpan[] ordered = [.. values.Order()];
        return ordered[Math.Max(0, (int)Math.Ceiling(part * ordered.Length) - 1)];
    }

    private static string[] Row(IGrouping<Fault, EpisodeResult> runs) =>
        [
            runs.Key.ToString(),
            Number(runs.Count()),
            Number(runs.Sum(run => run.Verdict.Acknowledged)),
            Number(runs.Sum(run => run.Verdict.Events)),
            Number(runs.Sum(run => run.Verdict.Lost.Count)),
            Number(runs.Sum(run => run.Verdict.DuplicatesDelivered)),
            Number(runs.Sum(run => run.Verdict.DuplicateEffects.Count)),
            Number(runs.Sum(run => run.Verdict.OrderBreaks.Count)),
            Number(runs.Sum(run => run.Verdict.Holes.Count)),
            Seconds(Percentile(runs.Select(run => run.Recovery), 0.5)),
            Seconds(Percentile(runs.Select(run => run.Recovery), 0.99)),
        ];

    private static string[] FeltRow(IGrouping<Fault, EpisodeResult> runs)
    {
        var felt = runs.Select(run => run.Felt).ToList();
        var (before, during, after) = (Sum(felt, one => one.Before), Sum(felt, one => one.During), Sum(felt, one => one.After));
        var all = before + during + after;
        return
        [
            runs.Key.ToString(),
            Number(all.Reads.Count),
            Number(all.Stale),
            Number(all.Refused),
            Number(all.Failed),
            Milliseconds(before.ReadP99),
            Milliseconds(during.ReadP99),
            Milliseconds(after.ReadP99),
            Seconds(felt.Max(one => one.ReadsAgain)),
            Number(all.Writes.Count),
            Number(all.FailedWrites.Count),
            Milliseconds(before.WriteP99),
            Milliseconds(during.WriteP99),
            Milliseconds(after.WriteP99),
            Seconds(felt.Max(one => one.WritesAgain)),
        ];
    }

    private static Phase Sum(IEnumerable<Felt> felt, Func<Felt, Phase> phase) => felt.Select(phase).Aggregate((one, other) => one + other);

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan? value) => value?.TotalMilliseconds.ToString("0 ms", CultureInfo.InvariantCulture) ?? "-";

    private static string Seconds(TimeSpan value) => value.TotalSeconds.ToString("0.00 s", CultureInfo.InvariantCulture);
}
