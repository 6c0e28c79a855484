using System.ComponentModel.DataAnnotations;

namespace BackendGuide.ContentService.Guides;

/// <summary>Which guide: one slug is one resource for each locale.</summary>
internal readonly record struct GuideKey(string Slug, string Locale)
{
    /// <summary>What it is called in the feed: English needs no locale.</summary>
    public string Subject => Locale == GuideLocale.Default ? $"guides/{Slug}" : $"guides/{Slug}/{Locale}";

    /// <summary>Where it is.</summary>
    public string Href => Locale == GuideLocale.Default ? $"/api/v1/guides/{Slug}" : $"/api/v1/guides/{Slug}?locale={Locale}";
}

/// <summary>A guide as the API gives it.</summary>
internal sealed record Guide(
    string Slug,
    string Locale,
    string Title,
    string Summary,
    IReadOnlyList<string> Tags,
    [property: AllowedValues(GuideStatus.Draft, GuideStatus.Scheduled, GuideStatus.Published, GuideStatus.Withdrawn)] string Status,
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
    [property: AllowedValues(GuideStatus.Draft, GuideStatus.Scheduled, GuideStatus.Published, GuideStatus.Withdrawn)] string Status,
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
    public const string Scheduled = "scheduled";
    public const string Published = "published";
    public const string Withdrawn = "withdrawn";

    /// <summary>What an editor is told of a guide.</summary>
    public static string Of(bool isPublished, bool isWithdrawn, bool isScheduled) =>
        isScheduled ? Scheduled
        : isWithdrawn ? Withdrawn
        : isPublished ? Published
        : Draft;
}
