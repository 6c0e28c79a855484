using BackendGuide.CareerService.Salaries.Statistics;

namespace BackendGuide.CareerService.Salaries;

/// <summary>Whether two groups can be compared, and how they do.</summary>
internal static class SalaryComparing
{
    /// <summary>Why they cannot be; null where they can.</summary>
    public static RefusedAnswer? WhyNot(ComparedGroup a, GroupSummary? ofA, ComparedGroup b, GroupSummary? ofB)
    {
        Dictionary<string, string[]> errors = [];
        if (WhyNot(ofA) is { } whyNotA)
        {
            errors["a"] = [whyNotA];
        }
        List<string> reasons = WhyNot(ofB) is { } whyNotB ? [whyNotB] : [];
        if (a.Group.Currency != b.Group.Currency)
        {
            reasons.Add($"is in {b.Group.Currency}, and a is in {a.Group.Currency}: amounts of two currencies are not compared");
        }
        if (reasons.Count > 0)
        {
            errors["b"] = [.. reasons];
        }
        return errors.Count > 0
            ? new RefusedAnswer(StatusCodes.Status409Conflict, "The two groups cannot be compared on the same basis.", errors)
            : null;
    }

    /// <summary>The difference of the medians of two groups that are both told.</summary>
    public static MedianDifference Compare(GroupSummary a, GroupSummary b)
    {
        var median = a.Observed.Median!.Value - b.Observed.Median!.Value;
        var (low, high) = MedianInterval.Around(median, MarginOf(a), MarginOf(b));
        return new MedianDifference(median, low, high, MedianInterval.Confidence, low > 0 || high < 0, MedianInterval.Method);
    }

    private static MedianMargin MarginOf(GroupSummary summary) =>
        MedianInterval.MarginOf(
            summary.Observed.SampleSize,
            summary.MedianLow!.Value,
            summary.Observed.Median!.Value,
            summary.MedianHigh!.Value
        );

    private static string? WhyNot(GroupSummary? summary) =>
        summary is null ? "is a group without observations"
        : summary.Observed.State == ObservedState.Withheld
            ? $"is a group with under {SampleStatistics.MinSize} observations: its figures are withheld"
        : null;
}
