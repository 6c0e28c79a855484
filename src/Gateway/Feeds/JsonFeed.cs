using System.Text.Json;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;

namespace BackendGuide.Gateway.Feeds;

/// <summary>JSON Feed 1.1.</summary>
internal static class JsonFeed
{
    public const string Path = "/feed.json";

    private const string MediaType = "application/feed+json";

    private static readonly JsonSerializerOptions s_options = new(ApiJson.Options)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static FeedDocument Write(IReadOnlyList<FeedGuide> guides, string origin)
    {
        var feed = new Feed(
            "https://jsonfeed.org/version/1.1",
            FeedTexts.Title,
            $"{origin}/",
            $"{origin}{Path}",
            FeedTexts.Description,
            NewestGuides.Language,
            [.. guides.Select(guide => ToItem(guide, origin))]
        );
        return new FeedDocument("feed", $"{MediaType}; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(feed, s_options));
    }

    /// <summary>Says what it is, in the API's document.</summary>
    public static RouteDescription Describe(RouteDescription route) =>
        route.Gives<Feed>(200, "The feed.", options: s_options, mediaType: MediaType);

    // A reader takes what has no content for a broken item, and a guide may have no summary.
    private static Item ToItem(FeedGuide guide, string origin) =>
        new(
            guide.UrlAt(origin),
            guide.UrlAt(origin),
            guide.Title,
            guide.Summary.Length > 0 ? guide.Summary : guide.Title,
            guide.Summary,
            guide.PublishedAt,
            guide.UpdatedAt,
            guide.Tags,
            NewestGuides.Language
        );

    [SchemaName("JsonFeed")]
    private sealed record Feed(
        string Version,
        string Title,
        string HomePageUrl,
        string FeedUrl,
        string Description,
        string Language,
        IReadOnlyList<Item> Items
    );

    [SchemaName("JsonFeedItem")]
    private sealed record Item(
        string Id,
        string Url,
        string Title,
        string ContentText,
        string Summary,
        DateTimeOffset DatePublished,
        DateTimeOffset DateModified,
        IReadOnlyList<string> Tags,
        string Language
    );
}

internal static class FeedTexts
{
    public const string Title = "BackendGuide";
    public const string Description = "What you need to know to become a backend developer, and what the work pays.";
}
