using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace BackendGuide.Gateway.Routing;

/// <summary>One line of the public API: what is not here does not exist outside, but for health and operations, which are the gateway's own.</summary>
/// <param name="Method">The method; HEAD and OPTIONS come with every path.</param>
/// <param name="Path">A route pattern under <c>/api/v1</c>, the same at the service.</param>
/// <param name="Service">The service that answers, by its name in service discovery.</param>
/// <param name="Scope">The scope that the token must have; null for everybody.</param>
internal sealed record ApiRoute(string Method, string Path, string Service, string? Scope = null)
{
    /// <summary>The parameters by which one answer of the route differs from another; null where its answers are not kept.</summary>
    public IReadOnlyList<string>? CachedBy { get; init; }

    /// <summary>The media types that the route can give, the one first that a client gets who does not say; JSON alone, mostly.</summary>
    public IReadOnlyList<string> MediaTypes { get; init; } = s_json;

    /// <summary>
    /// True where a body or an answer may be of any length, and take any time: nothing limits or gathers it, and it is given up only after a minute in
    /// which nothing moves.
    /// </summary>
    public bool IsStreamed { get; init; }

    /// <summary>What an answer that no endpoint gave is counted under.</summary>
    public Endpoint Endpoint { get; } =
        new(requestDelegate: null, new EndpointMetadataCollection(new RouteName($"/api/v1{Path}")), $"{Method} {Path}");

    private static readonly string[] s_json = [ServiceDefaults.Http.MediaTypes.Json];

    private sealed record RouteName(string Route) : IRouteDiagnosticsMetadata;
}

internal static class ApiRoutes
{
    public const string Content = "content";
    public const string Career = "career";

    public static readonly IReadOnlyList<string> Services = [Content, Career];

    /// <summary>True for a POST that only asks: by its path alone, which ends as no other route's does.</summary>
    public static bool IsQuestion(string method, string path) =>
        HttpMethods.IsPost(method) && s_questions.Any(end => path.EndsWith(end, StringComparison.Ordinal));

    public static readonly IReadOnlyList<ApiRoute> All =
    [
        new("GET", "/guides", Content) { CachedBy = ["after", "career", "fields", "limit", "locale", "sort", "tag", "technology"] },
        new("GET", "/guides/{slug}", Content)
        {
            CachedBy = ["fields", "locale"],
            MediaTypes = [MediaTypes.Json, MediaTypes.Markdown, MediaTypes.Html, MediaTypes.LinkedData],
        },
        new("PUT", "/guides/{slug}", Content, Scopes.ContentWrite),
        new("DELETE", "/guides/{slug}", Content, Scopes.ContentWrite),
        new("POST", "/guides/{slug}/publish", Content, Scopes.ContentWrite),
        new("DELETE", "/guides/{slug}/publish", Content, Scopes.ContentWrite),
        new("GET", "/guides/{slug}/revisions", Content, Scopes.ContentWrite),
        new("GET", "/guides/{slug}/revisions/{n}", Content, Scopes.ContentWrite),
        new("GET", "/guides/{slug}/revisions/{n}/diff", Content, Scopes.ContentWrite),
        new("POST", "/guides/{slug}/revisions/{n}/restore", Content, Scopes.ContentWrite),
        new("POST", "/imports/guides", Content, Scopes.ContentWrite) { IsStreamed = true },
        new("GET", "/exports/guides", Content) { IsStreamed = true },
        new("GET", "/technologies", Content) { CachedBy = ["after", "category", "fields", "limit"] },
        new("GET", "/technologies/{slug}", Content) { CachedBy = ["fields"], MediaTypes = [MediaTypes.Json, MediaTypes.LinkedData] },
        new("GET", "/technologies/{slug}/careers", Content) { CachedBy = [] },
        new("PUT", "/technologies/{slug}", Content, Scopes.ContentWrite),
        new("DELETE", "/technologies/{slug}", Content, Scopes.ContentWrite),
        new("GET", "/search", Content) { CachedBy = ["after", "fields", "kind", "limit", "locale", "q"] },
        new("GET", "/careers", Career) { CachedBy = ["after", "asOf", "fields", "limit"] },
        new("GET", "/careers/{slug}", Career) { CachedBy = ["asOf", "fields"], MediaTypes = [MediaTypes.Json, MediaTypes.LinkedData] },
        new("PUT", "/careers/{slug}", Career, Scopes.CareerWrite),
        new("DELETE", "/careers/{slug}", Career, Scopes.CareerWrite),
        new("GET", "/careers/{slug}/revisions", Career) { CachedBy = ["after", "fields", "limit"] },
        new("GET", "/careers/{slug}/revisions/{n}", Career) { CachedBy = [] },
        new("GET", "/careers/{slug}/technologies", Career) { CachedBy = [] },
        new("GET", "/careers/{slug}/learning-path", Career) { CachedBy = ["asOf", "fields", "version"] },
        new("POST", "/careers/{slug}/learning-path/translate", Career), // a question: it changes nothing
        new("GET", "/careers/{slug}/salaries", Career) { CachedBy = ["asOf", "currency", "level", "region", "year"] },
        new("GET", "/careers/{slug}/salaries/trend", Career) { CachedBy = ["currency", "from", "level", "region", "to"] },
        new("POST", "/careers/{slug}/salary-observations", Career, Scopes.CareerWrite) { IsStreamed = true },
        new("GET", "/salaries/compare", Career) { CachedBy = ["a", "b"] },
    ];

    private static readonly string[] s_questions =
    [
        .. from route in All where route is { Method: "POST", Scope: null } select route.Path[(route.Path.LastIndexOf('}') + 1)..],
    ];
}
