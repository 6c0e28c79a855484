namespace BackendGuide.Contracts;

/// <summary>Data of <see cref="EventTypes.GuidePublished"/>: what others show of a guide; its body is read from the API.</summary>
/// <param name="Slug">The guide's slug.</param>
/// <param name="Locale">BCP 47.</param>
/// <param name="Version">Grows by one with each publication.</param>
/// <param name="Title">The title in that locale.</param>
/// <param name="Summary">Empty where there is none.</param>
/// <param name="Tags">In the editor's order.</param>
/// <param name="PublishedAt">The first publication, UTC.</param>
/// <param name="UpdatedAt">This publication, UTC.</param>
public sealed record GuidePublished(
    string Slug,
    string Locale,
    long Version,
    string Title,
    string Summary,
    IReadOnlyList<string> Tags,
    DateTime PublishedAt,
    DateTime UpdatedAt
);

/// <summary>Data of <see cref="EventTypes.TechnologyPublished"/>: the whole technology.</summary>
/// <param name="Slug">The technology's slug.</param>
/// <param name="Version">Grows by one with each change.</param>
/// <param name="Name">As people write it: "PostgreSQL".</param>
/// <param name="Category">"Databases", "Languages", …</param>
/// <param name="Summary">Empty where there is none.</param>
/// <param name="Website">http or https; null where there is none.</param>
/// <param name="UpdatedAt">This change, UTC.</param>
public sealed record TechnologyPublished(
    string Slug,
    long Version,
    string Name,
    string Category,
    string Summary,
    string? Website,
    DateTime UpdatedAt
);

/// <summary>
/// Data of <see cref="EventTypes.GuideWithdrawn"/>: the title it had last, so that a copy can still say what a link once pointed to.
/// </summary>
/// <param name="Slug">The guide's slug.</param>
/// <param name="Locale">BCP 47.</param>
/// <param name="Version">Grows by one with the withdrawal.</param>
/// <param name="Title">The title in that locale.</param>
/// <param name="WithdrawnAt">This withdrawal, UTC.</param>
public sealed record GuideWithdrawn(string Slug, string Locale, long Version, string Title, DateTime WithdrawnAt);

/// <summary>Data of <see cref="EventTypes.TechnologyWithdrawn"/>.</summary>
/// <param name="Slug">The technology's slug.</param>
/// <param name="Version">Grows by one with the withdrawal.</param>
/// <param name="Name">The name it had last.</param>
/// <param name="WithdrawnAt">This withdrawal, UTC.</param>
public sealed record TechnologyWithdrawn(string Slug, long Version, string Name, DateTime WithdrawnAt);
