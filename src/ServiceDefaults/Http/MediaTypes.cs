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

    private static double QualityOf(string mediaType, IList<MediaTypeHeaderValue> ranges)
    {
        var (quality, specificity) = (0.0, -1);
        foreach (var range in ranges)
        {
            var found =
                range.MatchesAllTypes ? 0
                : !range.MatchesMediaType(mediaType) ? -1
                : range.MatchesAllSubTypes ? 1
                : 2;
            if (found > specificity)
            {
                (quality, specificity) = (range.Quality ?? 1, found);
            }
        }
        return quality;
    }
}
