using BackendGuide.ServiceDefaults;

namespace BackendGuide.Gateway.Routing;

/// <summary>One line of the public API: what is not here does not exist outside, but for health and operations, which are the gateway's own.</summary>
/// <param name="Method">The method; HEAD and OPTIONS come with every path.</param>
/// <param name="Path">A route pattern under <c>/api/v1</c>, the same at the service.</param>
/// <param name="Service">The service that answers, by its name in service discovery.</param>
/// <param name="Scope">The scope that the token must have; null for everybody.</param>
internal sealed record ApiRoute(string Method, string Path, string Service, string? Scope = null);

internal static class ApiRoutes
{
    public const string Content = "content";
    public const string Career = "career";

    public static readonly IReadOnlyList<string> Services = [Content, Career];

    public static readonly IReadOnlyList<ApiRoute> All =
    [
        new("GET", "/guides", Content),
        new("GET", "/guides/{slug}", Content),
        new("PUT", "/guides/{slug}", Content, Scopes.ContentWrite),
        new("POST", "/guides/{slug}/publish", Content, Scopes.ContentWrite),
        new("GET", "/technologies", Content),
        new("GET", "/technologies/{slug}", Content),
        new("PUT", "/technologies/{slug}", Content, Scopes.ContentWrite),
        new("GET", "/careers", Career),
        new("GET", "/careers/{slug}", Career),
        new("PUT", "/careers/{slug}", Career, Scopes.CareerWrite),
        new("GET", "/careers/{slug}/learning-path", Career),
    ];
}
