using BackendGuide.CareerService.Salaries.Observations;
using BackendGuide.CareerService.Salaries.Statistics;

namespace BackendGuide.CareerService.Salaries;

/// <summary>What the API's document shows of salaries. The figures are made up, but for those that editors stand for.</summary>
internal static class SalaryExamples
{
    private const string Career = "backend-developer";
    private const string Level = "senior";
    private const string Region = "US-CA";
    private const string Currency = "USD";
    private const string Period = "year";
    private const string Source = "A survey";
    private const int Year = 2026;

    private static readonly DateTime s_at = new(2026, 11, 22, 8, 0, 0, DateTimeKind.Utc);

    private static readonly ObservedSalary s_observed = new(
        ObservedState.Observed,
        P10: 98_000,
        P25: 107_500,
        Median: 121_000,
        P75: 134_000,
        P90: 149_500,
        SampleSize: 240,
        ObservedSalary.PercentileMethod,
        s_at,
        [new SourceCount(Source, "https://example.org/survey", "CC-BY-4.0", 240)]
    );

    private static readonly EditorialSalary s_editorial = Careers
        .CareerExamples.Body.Levels.Where(level => level.Level == Level)
        .Select(level => EditorialSalary.Of(level.Salary!))
        .Single();

    public static CareerSalaries Salaries { get; } =
        new(
            Career,
            [
                new SalaryItem(Level, Region: null, Currency, s_editorial.AsOf.Year, Period, s_editorial, Observed: null),
                new SalaryItem(Level, Region, Currency, Year, Period, Editorial: null, s_observed),
            ]
        );

    public static SalaryTrend Trend { get; } = new(Career, Level, [new TrendPoint(Year, s_observed)]);

    public static SalaryComparison Comparison { get; } =
        new(
            Compared(Level),
            Compared("mid"),
            new MedianDifference(1_200, Low: -300, High: 2_700, MedianInterval.Confidence, Significant: false, MedianInterval.Method)
        );

    public static IReadOnlyList<UploadedObservation> Observations { get; } =
    [new("2026-000417", Level, Region, Currency, Year, Amount: 121_000, Source)];

    public static string Csv { get; } =
        $"""
            {string.Join(',', ObservationInput.Columns[..ObservationInput.RequiredColumns])}
            2026-000417,{Level},{Region},{Currency},{Year},121000,{Source}

            """;

    public static UploadAnswer Answer { get; } =
        new(Accepted: 1, Duplicate: 0, Corrected: 0, [RejectedRow.Of(3, "amount", "is required")], RejectedTotal: 1);

    private static ComparedSalary Compared(string level) => new(Career, level, Region, Currency, Year, Period, s_observed);
}
