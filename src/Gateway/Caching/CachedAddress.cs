using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// What a request asks for, in the one spelling that answers are kept under: the path as its route has it, and the route's own parameters,
/// by name, each once.
/// </summary>
/// <param name="Route">The route.</param>
/// <param name="Text">The path with its query, under which the service is asked too.</param>
internal sealed record CachedAddress(ApiRoute Route, string Text)
{
    private const string Prefix = "/api/v1/";
    private const int MaxLength = 2_000;

    // Each route as its segments; null stands for a slug.
    private static readonly (ApiRoute Route, string?[] Segments)[] s_routes =
    [
        .. from route in ApiRoutes.All
        where route.CachedBy is not null
        select (route, Segments: route.Path.TrimStart('/').Split('/').Select(part => part == "{slug}" ? null : part).ToArray()),
    ];

    /// <summary>
    /// Reads a request's target; null where it is not plainly one of the routes whose answers are kept: another spelling of a path (in capitals,
    /// percent-encoded, with a slash at its end), a parameter that the route does not have or that is given twice. Such a request is no less
    /// valid for it, and goes to the service as it is.
    /// </summary>
    /// <param name="target">The target as it was sent.</param>
    /// <param name="query">The query, decoded.</param>
    public static CachedAddress? Read(string target, IQueryCollection query)
    {
        var length = target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? mark : target.Length;
        if (length > MaxLength || !target.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }
        var path = target[..length];
        var segments = path[Prefix.Length..].Split('/');
        foreach (var (route, pattern) in s_routes)
        {
            if (IsMatch(segments, pattern))
            {
                return Write(path, query, route.CachedBy!) is { Length: <= MaxLength } text ? new CachedAddress(route, text) : null;
            }
        }
        return null;
    }

    private static bool IsMatch(string[] segments, string?[] pattern)
    {
        if (segments.Length != pattern.Length)
        {
            return false;
        }
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] is { } literal ? segments[i] != literal : !Slug.IsValid(segments[i]))
            {
                return false;
            }
        }
        return true;
    }

    // Names are compared as they are written, although the collection finds them in any case: a service takes no other.
    private static string? Write(string path, IQueryCollection query, IReadOnlyList<string> known)
    {
        if (query.Count == 0)
        {
            return path;
        }
        if (query.Any(parameter => parameter.Value.Count != 1 || !known.Contains(parameter.Key, StringComparer.Ordinal)))
        {
            return null;
        }
        var parameters = query
            .OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
            .Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value.ToString())}");
        return $"{path}?{string.Join('&', parameters)}";
    }
}
