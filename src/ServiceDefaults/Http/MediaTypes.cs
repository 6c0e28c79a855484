using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>The media types that representations come in.</summary>
public static class MediaTypes
{
    /// <summary>JSON; UTF-8 by definition.</summary>
    public const string Json = "application/json";

    /// <summary>Markdown (RFC 7763).</summary>
    public const string Markdown = "text/markdown";

    /// <summary>HTML.</summary>
    public const string Html = "text/html";

    /// <summary>Linked data (JSON-LD 1.1); UTF-8, as all JSON.</summary>
    public const string LinkedData = "application/ld+json";

    /// <summary>One JSON text a line.</summary>
    public const string JsonLines = "application/x-ndjson";

    /// <summary>Chooses what a client gets (RFC 9110, 12.5.1).</summary>
    /// <remarks>
    /// Of several ranges that a type is in the most specific says how much it is liked. Parameters but <c>q</c> are not looked at: there is one form
    /// of each type here. What cannot be read asks for nothing in particular.
    /// </remarks>
    /// <param name="accept">The request's <c>Accept</c>.</param>
    /// <param name="offered">What there is, without parameters; of what the client likes as much, the first is chosen.</param>
    /// <returns>Null where the client accepts none of them: 406.</returns>
    public static string? Choose(StringValues accept, IReadOnlyList<string> offered)
    {
        ArgumentNullException.ThrowIfNull(offered);
        if (accept.Count == 0 || !MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var ranges) || ranges.Count == 0)
        {
            return offered[0];
        }
        var (best, quality) = ((string?)null, 0.0);
        foreach (var one in offered)
        {
            if (QualityOf(one, ranges) is var liked && liked > quality)
            {
                (best, quality) = (one, liked);
            }
        }
        return best;
    }

    /// <summary>The 406 for a request that accepts nothing of what there is.</summary>
    /// <param name="request">The request, whose <c>Accept</c> it depends on.</param>
    /// <param name="thing">What was asked for, at the beginning of a sentence.</param>
    /// <param name="offered">What there is.</param>
    public static ProblemHttpResult Refuse(HttpRequest request, string thing, IReadOnlyList<string> offered)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.HttpContext.Response.Headers.Vary = HeaderNames.Accept;
        return Problems.NotAcceptable($"{thing} comes as one of {string.Join(", ", offered)}.");
    }

    private static double QualityOf(string mediaType, IList<MediaTypeHeaderValue> ranges)
    {
        var (quality, specificity) = (0.0, -1);
        foreach (var range in ranges)
        {
            var found =
                range.MatchesAllTypes ? 0
                : range.MatchesAllSubTypes ? (IsOfType(mediaType, range.Type) ? 1 : -1)
                : range.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase) ? 2
                : -1;
            if (found > specificity)
            {
                (quality, specificity) = (range.Quality ?? 1, found);
            }
        }
        return quality;
    }

    // The framework takes application/json for a range that application/ld+json is in: who asks for JSON means no other form of it.
    private static bool IsOfType(string mediaType, StringSegment type) =>
        mediaType.Length > type.Length
        && mediaType[type.Length] == '/'
        && mediaType.AsSpan(0, type.Length).Equals(type, StringComparison.OrdinalIgnoreCase);
}
