using BackendGuide.Contracts;

namespace BackendGuide.CareerService.Salaries;

/// <summary>The salaries of a career as the API gives them.</summary>
internal sealed record CareerSalaries(string Career, IReadOnlyList<SalaryItem> Items);

/// <summary>What is known of one group: by its editors, by observations, or both.</summary>
internal sealed record SalaryItem(
    string Level,
    string? Region,
    string Currency,
    int Year,
    string Period,
    EditorialSalary? Editorial,
    ObservedSalary? Observed
);

/// <summary>What editors say, and where they have it from.</summary>
internal sealed record EditorialSalary(long Min, long Max, string Source, string? SourceUrl, string? Licence, DateOnly AsOf)
{
    public static EditorialSalary Of(SalaryRange range) =>
        new(range.Min, range.Max, range.Source, range.SourceUrl, range.Licence, range.AsOf);
}

/// <summary>What observations say. Under five of them the percentiles are null, and <see cref="State"/> says why.</summary>
internal sealed record ObservedSalary(
    string State,
    long? P10,
    long? P25,
    long? Median,
    long? P75,
    long? P90,
    long SampleSize,
    string Method,
    DateTime AsOf,
    IReadOnlyList<SourceCount> Sources
)
{
    public const string PercentileMethod = "percentile_cont";
}

/// <summary>How many observations are from a source.</summary>
internal sealed record SourceCount(string Name, string? Url, string? Licence, long Count);

/// <summary>A level's observed salaries by year.</summary>
internal sealed record SalaryTrend(string Career, string Level, IReadOnlyList<TrendPoint> Points);

/// <summary>One year of a trend.</summary>
internal sealed record TrendPoint(int Year, ObservedSalary Observed);

/// <summary>Two groups beside each other.</summary>
internal sealed record SalaryComparison(ComparedSalary A, ComparedSalary B, MedianDifference Difference);

/// <summary>One of the two.</summary>
internal sealed record ComparedSalary(
    string Career,
    string Level,
    string? Region,
    string Currency,
    int Year,
    string Period,
    ObservedSalary Observed
);

/// <summary>The first's median less the second's, and between which bounds the true difference is with this confidence.</summary>
/// <param name="Median">Whole units of the currency, as the bounds are.</param>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound.</param>
/// <param name="Confidence">0.95.</param>
/// <param name="Significant">True where 0 is not between the bounds.</param>
/// <param name="Method">How the bounds were found.</param>
internal sealed record MedianDifference(long Median, long Low, long High, double Confidence, bool Significant, string Method);
