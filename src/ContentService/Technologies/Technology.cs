namespace BackendGuide.ContentService.Technologies;

/// <summary>A technology as the API gives it; <paramref name="Guides"/> are the published guides that name it, by slug.</summary>
internal sealed record Technology(
    string Slug,
    string Name,
    string Category,
    string Summary,
    string? Website,
    long Version,
    DateTime UpdatedAt,
    IReadOnlyList<GuideLink> Guides
);

/// <summary>A technology as a list gives it: without its guides.</summary>
internal sealed record TechnologySummary(
    string Slug,
    string Name,
    string Category,
    string Summary,
    string? Website,
    long Version,
    DateTime UpdatedAt
);

internal sealed record GuideLink(string Slug, string Title);

/// <summary>What an editor writes.</summary>
internal sealed record TechnologyBody(string Name, string Category, string Summary, string? Website);
