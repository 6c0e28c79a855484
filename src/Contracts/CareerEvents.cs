namespace BackendGuide.Contracts;

/// <summary>Data of <see cref="EventTypes.CareerPublished"/>: the whole career, with its levels and learning path.</summary>
/// <param name="Slug">The career's slug.</param>
/// <param name="Version">Grows by one with each change.</param>
/// <param name="Title">"Backend Developer".</param>
/// <param name="Summary">Empty where there is none.</param>
/// <param name="Outlook">Empty where there is none.</param>
/// <param name="Levels">From the lowest to the highest.</param>
/// <param name="LearningPath">In the path's order.</param>
/// <param name="PublishedAt">The first publication, UTC.</param>
/// <param name="UpdatedAt">This change, UTC.</param>
public sealed record CareerPublished(
    string Slug,
    long Version,
    string Title,
    string Summary,
    string Outlook,
    IReadOnlyList<CareerLevel> Levels,
    IReadOnlyList<LearningStep> LearningPath,
    DateTime PublishedAt,
    DateTime UpdatedAt
);

/// <summary>One rung of a career.</summary>
/// <param name="Level"><c>entry junior mid senior lead principal</c>.</param>
/// <param name="Title">"Junior Backend Developer".</param>
/// <param name="Salary">The editorial range, with its source; null where none is given.</param>
public sealed record CareerLevel(string Level, string Title, SalaryRange? Salary);

/// <summary>An editorial salary range: no figure without its source.</summary>
/// <param name="Min">Whole units of <paramref name="Currency"/> per <paramref name="Period"/>.</param>
/// <param name="Max">At least <paramref name="Min"/>.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Region">ISO 3166-1 or 3166-2; null for no particular one.</param>
/// <param name="Period">"year".</param>
/// <param name="Source">Who says so.</param>
/// <param name="SourceUrl">Where; null where it is not on the web.</param>
/// <param name="Licence">Under which terms; null where none are stated.</param>
/// <param name="AsOf">The day that the figures speak of.</param>
public sealed record SalaryRange(
    long Min,
    long Max,
    string Currency,
    string? Region,
    string Period,
    string Source,
    string? SourceUrl,
    string? Licence,
    DateOnly AsOf
);

/// <summary>One step of a learning path.</summary>
/// <param name="Id">Permanent within the career.</param>
/// <param name="Title">What the step is called.</param>
/// <param name="Detail">Empty where there is none.</param>
/// <param name="Topics">Slugs of technologies or guides.</param>
/// <param name="After">Ids of the steps before it.</param>
/// <param name="Replaces">Removed ids that it merges or splits.</param>
public sealed record LearningStep(
    string Id,
    string Title,
    string Detail,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> After,
    IReadOnlyList<string> Replaces
);

/// <summary>Data of <see cref="EventTypes.CareerWithdrawn"/>.</summary>
/// <param name="Slug">The career's slug.</param>
/// <param name="Version">Grows by one with the withdrawal.</param>
/// <param name="Title">The title it had last.</param>
/// <param name="WithdrawnAt">This withdrawal, UTC.</param>
public sealed record CareerWithdrawn(string Slug, long Version, string Title, DateTime WithdrawnAt);
