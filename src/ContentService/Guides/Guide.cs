namespace BackendGuide.ContentService.Guides;

/// <summary>A guide as the API gives it.</summary>
internal sealed record Guide(
    string Slug,
    string Locale,
    string Title,
    string Summary,
    IReadOnlyList<string> Tags,
    string Status,
    long Version,
    DateTime? PublishedAt,
    DateTime UpdatedAt,
    IReadOnlyList<Section> Sections
);

/// <summary>A guide as a list gives it: without its sections.</summary>
internal sealed record GuideSummary(
    string Slug,
    string Locale,
    string Title,
    string Summary,
    IReadOnlyList<string> Tags,
    string Status,
    long Version,
    DateTime? PublishedAt,
    DateTime UpdatedAt
);

/// <summary>What an editor writes: the body of a PUT, and what the database keeps of each copy.</summary>
internal sealed record GuideBody(string Title, string Summary, IReadOnlyList<string> Tags, IReadOnlyList<Section> Sections);

/// <summary>A headed part of a guide; <paramref name="Id"/> is a slug, unique in the guide.</summary>
internal sealed record Section(string Id, string Heading, IReadOnlyList<Block> Blocks);

internal static class GuideStatus
{
    public const string Draft = "draft";
    public const string Published = "published";
}
