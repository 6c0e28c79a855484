using System.Text.Json;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;

namespace BackendGuide.Gateway.Feeds;

/// <summary>A guide as the list of guides has it.</summary>
internal sealed record FeedGuide(
    string Slug,
    string Title,
    string Summary,
    IReadOnlyList<string> Tags,
    DateTimeOffset PublishedAt,
    DateTimeOffset UpdatedAt
)
{
    public string UrlAt(string origin) => $"{origin}/api/v1/guides/{Slug}";
}

/// <summary>
/// The guides that a feed has, from the list that every client can ask for and as fresh as that is: it is kept at this address for both.
/// </summary>
internal sealed class NewestGuides(GatewayCache cache, TimeProvider time)
{
    public const string Language = "en";

    private static readonly CachedAddress s_address = new(
        ApiRoutes.All.Single(route => route is { Method: "GET", Path: "/guides" }),
        $"/api/v1/guides?limit=50&locale={Language}"
    );

    /// <summary>The list, where it came from and how old that is.</summary>
    /// <exception cref="ServiceAwayException">The service does not answer, and nothing is kept.</exception>
    public async Task<(ServiceAnswer List, AnswerSource Source, TimeSpan Age)> ReadAsync(
        ChangeCursor? after,
        CancellationToken cancellationToken
    )
    {
        var (answer, source) = await cache.GetAsync(s_address, after, cancellationToken);
        if (answer.Status != StatusCodes.Status200OK)
        {
            throw new ServiceAwayException(s_address.Route.Service, inner: null);
        }
        return (answer, source, time.GetElapsedTime(answer.ReadAt));
    }

    /// <summary>The guides of a list.</summary>
    public static IReadOnlyList<FeedGuide> Of(ServiceAnswer list)
    {
        var body = list.In(ContentCoding.Identity, out _).Body;
        return JsonSerializer.Deserialize<GuidePage>(body.Span, ApiJson.Options)!.Items;
    }

    private sealed record GuidePage(IReadOnlyList<FeedGuide> Items);
}
