using System.Globalization;
using System.Text.Json;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.CareerService.Salaries;

/// <summary>Reads salaries through the cache: of one career, by year, and two groups beside each other.</summary>
internal sealed class SalaryReader(CachedReads reads)
{
    private const string Period = "year";

    /// <summary>The salaries of a career, as they are or were; null where there is, or was, no such career.</summary>
    public Task<Representation?> ReadAsync(HttpRequest request, string slug, SalaryFilter filter, DateTime? asOf) =>
        ReadAsync(
            request,
            string.Create(CultureInfo.InvariantCulture, $"salaries/{slug}?asOf={asOf?.Ticks}&{filter.Key}"),
            slug,
            asOf,
            async (snapshot, career, cancellationToken) =>
            {
                var summaries = await SummaryReader.ReadAsync(snapshot, career, filter, asOf, cancellationToken);
                var version = asOf is null ? career.Version : LastOf(summaries.Select(summary => summary.Version));
                return Represent(version, new CareerSalaries(slug, Join(career, filter, summaries)), career, summaries);
            }
        );

    /// <summary>One point for each year that has observations; null where there is no such career.</summary>
    public Task<Representation?> ReadTrendAsync(HttpRequest request, string slug, TrendRequest trend) =>
        ReadAsync(
            request,
            $"salary-trend/{slug}?{trend.Key}",
            slug,
            asOf: null,
            async (snapshot, career, cancellationToken) =>
            {
                var summaries = await SummaryReader.ReadAsync(snapshot, career, trend.Filter, asOf: null, cancellationToken);
                var points = summaries
                    .Where(summary => trend.Includes(summary.Group))
                    .Select(summary => new TrendPoint(summary.Group.Year, summary.Observed));
                return Represent(career.Version, new SalaryTrend(slug, trend.Level, [.. points]), career, summaries);
            }
        );

    /// <summary>Two groups beside each other.</summary>
    public Task<Representation?> CompareAsync(HttpRequest request, ComparedGroup a, ComparedGroup b) =>
        reads.ReadAsync(
            request,
            $"salary-comparison/{a.Key}/{b.Key}",
            async (snapshot, cancellationToken) =>
            {
                var answer = await CompareAsync(snapshot, a, b, cancellationToken);
                string[] tags = [.. CareerTags.OfSalaries(a.Career).Union(CareerTags.OfSalaries(b.Career))];
                // Careers that there are not anybody may make up.
                return new LoadedAnswer(answer, tags)
                {
                    MayBeKept = RefusedAnswer.Of(answer) is not { Status: StatusCodes.Status404NotFound },
                };
            }
        );

    private Task<Representation?> ReadAsync(
        HttpRequest request,
        string key,
        string slug,
        DateTime? asOf,
        Func<NpgsqlTransaction, SalariesOf, CancellationToken, Task<Representation>> read
    ) =>
        reads.ReadAsync(
            request,
            key,
            async (snapshot, cancellationToken) =>
            {
                var career = await SummaryReader.FindAsync(snapshot, slug, asOf, cancellationToken);
                var answer =
                    career is null ? null
                    : career.IsWithdrawn ? Withdrawn(slug).ToRepresentation()
                    : await read(snapshot, career, cancellationToken);
                return new LoadedAnswer(answer, CareerTags.OfSalaries(slug));
            }
        );

    private static async Task<Representation> CompareAsync(
        NpgsqlTransaction snapshot,
        ComparedGroup a,
        ComparedGroup b,
        CancellationToken cancellationToken
    )
    {
        List<(SalariesOf Career, GroupSummary? Summary)> found = [];
        foreach (var compared in new[] { a, b })
        {
            var career = await SummaryReader.FindAsync(snapshot, compared.Career, asOf: null, cancellationToken);
            if (career is null or { IsWithdrawn: true })
            {
                return (career is null ? Unknown(compared.Career) : Withdrawn(compared.Career)).ToRepresentation();
            }
            var summaries = await SummaryReader.ReadAsync(snapshot, career, compared.Filter, asOf: null, cancellationToken);
            found.Add((career, summaries.SingleOrDefault()));
        }
        var ((careerOfA, ofA), (careerOfB, ofB)) = (found[0], found[1]);
        if (SalaryComparing.WhyNot(a, ofA, b, ofB) is { } refused)
        {
            return refused.ToRepresentation();
        }
        var comparison = new SalaryComparison(ToCompared(a, ofA!), ToCompared(b, ofB!), SalaryComparing.Compare(ofA!, ofB!));
        var body = JsonSerializer.SerializeToUtf8Bytes(comparison, ApiJson.Options);
        var latest = ofA!.At > ofB!.At ? ofA.At : ofB.At;
        return Representation.Create(careerOfA.Version + careerOfB.Version, body, MediaTypes.Json, latest);
    }

    private static ComparedSalary ToCompared(ComparedGroup compared, GroupSummary summary) =>
        new(
            compared.Career,
            compared.Group.Level,
            compared.Group.RegionOrNull,
            compared.Group.Currency,
            compared.Group.Year,
            Period,
            summary.Observed
        );

    /// <summary>What was observed and what editors say, by group: neither is taken for the other.</summary>
    private static List<SalaryItem> Join(SalariesOf career, SalaryFilter filter, IReadOnlyList<GroupSummary> summaries)
    {
        var editorial = career
            .Editorial.Where(range => filter.Includes(range.Group))
            .ToDictionary(range => range.Group, range => EditorialSalary.Of(range.Range));
        var items = new List<SalaryItem>(summaries.Count + editorial.Count);
        foreach (var summary in summaries)
        {
            editorial.Remove(summary.Group, out var said);
            items.Add(Item(summary.Group, said, summary.Observed));
        }
        if (editorial.Count > 0)
        {
            items.AddRange(editorial.Select(alone => Item(alone.Key, alone.Value, observed: null)));
            items.Sort(static (a, b) => GroupOf(a).CompareTo(GroupOf(b)));
        }
        return items;
    }

    private static SalaryItem Item(SalaryGroup group, EditorialSalary? editorial, ObservedSalary? observed) =>
        new(group.Level, group.RegionOrNull, group.Currency, group.Year, Period, editorial, observed);

    private static SalaryGroup GroupOf(SalaryItem item) => new(item.Level, item.Region ?? "", item.Currency, item.Year);

    private static Representation Represent<T>(long version, T answer, SalariesOf career, IReadOnlyList<GroupSummary> summaries)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, ApiJson.Options);
        var updatedAt = summaries.Select(summary => summary.At).Append(career.UpdatedAt).Max();
        return Representation.Create(version, body, MediaTypes.Json, updatedAt);
    }

    private static long LastOf(IEnumerable<long> versions) => versions.DefaultIfEmpty().Max();

    private static RefusedAnswer Unknown(string slug) => new(StatusCodes.Status404NotFound, $"There is no career '{slug}'.");

    private static RefusedAnswer Withdrawn(string slug) => new(StatusCodes.Status410Gone, $"The career '{slug}' is withdrawn.");
}
