using BackendGuide.CareerService.Salaries;
using Npgsql;

namespace BackendGuide.CareerService.LinkedData;

/// <summary>What the observations of one group say, where it is not withheld. Amounts are whole units of the currency a year.</summary>
/// <param name="Level"><c>entry junior mid senior lead principal</c>.</param>
/// <param name="Region">ISO 3166-1 or 3166-2; null for no particular one.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Year">Of the observations.</param>
/// <param name="P10">The 10th percentile.</param>
/// <param name="P25">The lower quartile.</param>
/// <param name="Median">The 50th percentile.</param>
/// <param name="P75">The upper quartile.</param>
/// <param name="P90">The 90th percentile.</param>
/// <param name="SampleSize">How many observations there are.</param>
/// <param name="Method">How the percentiles are found.</param>
/// <param name="AsOf">When an observation came to it last, UTC.</param>
/// <param name="Sources">Where they come from, the one with the most of them first.</param>
internal sealed record ObservedPercentiles(
    string Level,
    string? Region,
    string Currency,
    int Year,
    long P10,
    long P25,
    long Median,
    long P75,
    long P90,
    long SampleSize,
    string Method,
    DateTime AsOf,
    IReadOnlyList<SourceCount> Sources
)
{
    /// <summary>What is, or was, told of the groups of a career; those that are withheld are left out, for schema.org has no word for them.</summary>
    /// <param name="snapshot">The transaction that the career was read in.</param>
    /// <param name="slug">Of a career that there is, or was.</param>
    /// <param name="asOf">UTC; null for what is told now.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<ObservedPercentiles>> ReadAsync(
        NpgsqlTransaction snapshot,
        string slug,
        DateTime? asOf,
        CancellationToken cancellationToken
    )
    {
        if (await SummaryReader.FindAsync(snapshot, slug, asOf, cancellationToken) is not { } salaries)
        {
            return [];
        }
        var summaries = await SummaryReader.ReadAsync(snapshot, salaries, SalaryFilter.Every, asOf, cancellationToken);
        return [.. summaries.Where(summary => summary.Observed.State == ObservedState.Observed).Select(Of)];
    }

    private static ObservedPercentiles Of(GroupSummary summary)
    {
        var ((level, _, currency, year), observed) = (summary.Group, summary.Observed);
        return new ObservedPercentiles(
            level,
            summary.Group.RegionOrNull,
            currency,
            year,
            observed.P10!.Value,
            observed.P25!.Value,
            observed.Median!.Value,
            observed.P75!.Value,
            observed.P90!.Value,
            observed.SampleSize,
            observed.Method,
            observed.AsOf,
            observed.Sources
        );
    }
}
