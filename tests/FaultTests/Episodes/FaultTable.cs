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

    /// <summary>Markdown, so that it can be put into a document as it is.</summary>
    public static string Format(IReadOnlyCollection<EpisodeResult> results)
    {
        string[][] rows = [Head, .. results.GroupBy(result => result.Fault).Select(Row)];
        int[] widths = [.. Enumerable.Range(0, Head.Length).Select(column => rows.Max(row => row[column].Length))];
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

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan value) => value.TotalSeconds.ToString("0.00 s", CultureInfo.InvariantCulture);
}
