namespace BackendGuide.Contracts;

/// <summary>
/// Data of <see cref="EventTypes.SalariesUpdated"/>: the groups of observations that changed, each whole. Uploads are coalesced, so one event
/// may stand for many observations; a group that is not named is as it was.
/// </summary>
/// <param name="Slug">The career's slug.</param>
/// <param name="Version">Of the career's salaries, apart from the career's own: grows by one with each event.</param>
/// <param name="Groups">At least one, at most 500; where more changed at once, the rest follow in the next event.</param>
/// <param name="UpdatedAt">When the latest of the observations was committed, UTC.</param>
public sealed record SalariesUpdated(string Slug, long Version, IReadOnlyList<ObservedSalaries> Groups, DateTime UpdatedAt);

/// <summary>What the observations of one group say. Under five of them the percentiles are withheld, and null.</summary>
/// <param name="Level"><c>entry junior mid senior lead principal</c>.</param>
/// <param name="Region">ISO 3166-1 or 3166-2; null for no particular one.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Year">Of the observations.</param>
/// <param name="State"><c>observed</c> or <c>withheld</c>.</param>
/// <param name="P10">Whole units of <paramref name="Currency"/> a year, as all percentiles here.</param>
/// <param name="P25">The lower quartile.</param>
/// <param name="Median">The 50th percentile.</param>
/// <param name="P75">The upper quartile.</param>
/// <param name="P90">The 90th percentile.</param>
/// <param name="SampleSize">How many observations there are.</param>
public sealed record ObservedSalaries(
    string Level,
    string? Region,
    string Currency,
    int Year,
    string State,
    long? P10,
    long? P25,
    long? Median,
    long? P75,
    long? P90,
    long SampleSize
);
