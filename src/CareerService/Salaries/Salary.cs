using System.ComponentModel.DataAnnotations;
using BackendGuide.Contracts;

namespace BackendGuide.CareerService.Salaries;

/// <summary>The salaries of a career as the API gives them.</summary>
internal sealed record CareerSalaries(string Career, IReadOnlyList<SalaryItem> Items);

/// <summary>What is known of one group: by its editors, by observations, or both.</summary>
/// <param name="Level">As careers have it.</param>
/// <param name="Region">ISO 3166-1 or 3166-2; null for those of no region.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Year">An editorial figure's is that of its day.</param>
/// <param name="Period">What the amounts are for.</param>
/// <param name="Editorial">Null where editors say nothing.</param>
/// <param name="Observed">Null where nothing was observed.</param>
internal sealed record SalaryItem(
    [property: Level] string Level,
    string? Region,
    string Currency,
    int Year,
    string Period,
    EditorialSalary? Editorial,
    ObservedSalary? Observed
);

/// <summary>What editors say, and where they have it from.</summary>
/// <param name="Min">Whole units of the currency.</param>
/// <param name="Max">At least <paramref name="Min"/>.</param>
/// <param name="Source">Who says so.</param>
/// <param name="SourceUrl">Where; null where it is not on the web.</param>
/// <param name="Licence">Under which terms; null where none are stated.</param>
/// <param name="AsOf">The day that the figures speak of.</param>
internal sealed record EditorialSalary(long Min, long Max, string Source, string? SourceUrl, string? Licence, DateOnly AsOf)
{
    public static EditorialSalary Of(SalaryRange range) =>
        new(range.Min, range.Max, range.Source, range.SourceUrl, range.Licence, range.AsOf);
}

/// <summary>What observations say. Under five of them the percentiles are null, and `state` says why.</summary>
/// <param name="State">Whether the percentiles are told.</param>
/// <param name="P10">The 10th percentile, in whole units of the currency; so are the others.</param>
/// <param name="P25">The 25th percentile.</param>
/// <param name="Median">The 50th percentile.</param>
/// <param name="P75">The 75th percentile.</param>
/// <param name="P90">The 90th percentile.</param>
/// <param name="SampleSize">How many observations there are.</param>
/// <param name="Method">How the percentiles are found: as PostgreSQL's function of that name does.</param>
/// <param name="AsOf">When an observation came to it last, was committed and became public, UTC.</param>
/// <param name="Sources">Where the observations are from.</param>
internal sealed record ObservedSalary(
    [property: AllowedValues(ObservedState.Observed, ObservedState.Withheld)] string State,
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
/// <param name="Name">Who says so.</param>
/// <param name="Url">Where; null where it is not on the web.</param>
/// <param name="Licence">Under which terms; null where none are stated.</param>
/// <param name="Count">How many.</param>
internal sealed record SourceCount(string Name, string? Url, string? Licence, long Count);

/// <summary>A level's observed salaries by year.</summary>
/// <param name="Career">The career's slug.</param>
/// <param name="Level">The level that was asked for.</param>
/// <param name="Points">One for each year that has observations, the first one first.</param>
internal sealed record SalaryTrend(string Career, [property: Level] string Level, IReadOnlyList<TrendPoint> Points);

/// <summary>One year of a trend.</summary>
internal sealed record TrendPoint(int Year, ObservedSalary Observed);

/// <summary>Two groups beside each other.</summary>
internal sealed record SalaryComparison(ComparedSalary A, ComparedSalary B, MedianDifference Difference);

/// <summary>One of the two.</summary>
internal sealed record ComparedSalary(
    string Career,
    [property: Level] string Level,
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
