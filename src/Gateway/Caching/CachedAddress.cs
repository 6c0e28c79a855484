using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.Extensions.Primitives;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// What a request asks for, in the one spelling that answers are kept under: the path as its route has it, the route's own parameters, by name,
/// each once, and which of the route's media types it is to be in.
/// </summary>
/// <param name="Route">The route.</param>
/// <param name="Text">The path with its query, under which the service is asked too.</param>
/// <param name="MediaType">The media type; null for JSON, which nobody has to ask for.</param>
internal sealed record CachedAddress(ApiRoute Route, string Text, string? MediaType = null)
{
    /// <summary>What the answer is kept under: for JSON the address itself, so that nothing has to be made of most requests to find it.</summary>
    public string Key { get; } = MediaType is null ? Text : $"{Text} {MediaType}"; // no address has a space

    private const string Prefix = "/api/v1/";
    private const int MaxLength = 2_000;

    // Each route as its segments; null stands for a slug, or for a number, which looks like one.
    private static readonly (ApiRoute Route, string?[] Segments)[] s_routes =
    [
        .. from route in ApiRoutes.All
        where route.CachedBy is not null
        select (route, Segments: route.Path.TrimStart('/').Split('/').Select(part => part is ['{', ..] ? null : part).ToArray()),
    ];

    /// <summary>
    /// Reads a request's target; null where it is not plainly one of the routes whose answers are kept: another spelling of a path (in capitals,
    /// percent-encoded, with a slash at its end), a parameter that the route does not have or that is given twice, media types of which the route
    /// has none. Such a request is no less valid for it, and goes to the service as it is.
    /// </summary>
    /// <param name="target">The target as it was sent.</param>
    /// <param name="query">The query, decoded.</param>
    /// <param name="accept">The request's <c>Accept</c>.</param>
    public static CachedAddress? Read(string target, IQueryCollection query, StringValues accept)
    {
        var length = target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? mark : target.Length;
        if (length > MaxLength || !target.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }
        var path = target.AsSpan(Prefix.Length, length - Prefix.Length);
        foreach (var (route, pattern) in s_routes)
        {
            if (IsMatch(path, pattern))
            {
                return
                    Write(length == target.Length ? target : target[..length], query, route.CachedBy!) is { Length: <= MaxLength } text
                    && Choose(route, accept) is { } mediaType
                    ? new CachedAddress(route, text, mediaType == MediaTypes.Json ? null : mediaType)
                    : null;
            }
        }
        return null;
    }

    /// <summary>True where every route answers with what it gives to who does not say: nothing has to be read of such a request.</summary>
    public static bool IsForDefault(StringValues accept) =>
        accept.Count == 0 || (accept.Count == 1 && accept[0] is "*/*" or MediaTypes.Json);

    // As the service does. A route that has nothing but JSON gives that, whatever is accepted.
    private static string? Choose(ApiRoute route, StringValues accept) =>
        route.MediaTypes.Count == 1 || IsForDefault(accept) ? route.MediaTypes[0] : MediaTypes.Choose(accept, route.MediaTypes);

    private static bool IsMatch(ReadOnlySpan<char> path, string?[] pattern)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            var end = path.IndexOf('/');
            var isLast = i == pattern.Length - 1;
            if (isLast != end < 0)
            {
                return false;
            }
            var segment = isLast ? path : path[..end];
            if (pattern[i] is { } literal ? !segment.SequenceEqual(literal) : !IsSlug(segment))
            {
                return false;
            }
            path = path[(end + 1)..];
        }
        return true;
    }

    /// <summary>The same as <see cref="Slug.IsValid"/> says of a string, without one and without a regular expression: it is asked of every request.</summary>
    internal static bool IsSlug(ReadOnlySpan<char> text)
    {
        var isWord = false;
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && !(character == '-' && isWord))
            {
                return false;
            }
            isWord = character != '-';
        }
        return isWord && text.Length <= Slug.MaxLength;
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
