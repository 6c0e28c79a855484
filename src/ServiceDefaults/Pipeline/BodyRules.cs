using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// 415 for a media type that the endpoint does not name among those that it accepts, for another charset than UTF-8 and for a body that is
/// compressed; 413 for one that says it is too large; both after authorization. A body that does not say its length is cut off by the server while it is read.
/// </summary>
internal sealed class BodyRules(RequestDelegate next)
{
    // The first 128 characters of the one are the other.
    private static readonly HashSet<string> s_charsets = new(["utf-8", "utf8", "us-ascii"], StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is { } accepts && RefusalOf(request, accepts) is { } detail)
        {
            return Problems.UnsupportedMediaType(detail).ExecuteAsync(context);
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize is { } limit && request.ContentLength > limit)
        {
            return Problems.PayloadTooLarge($"A body may have {limit} bytes here.").ExecuteAsync(context);
        }
        return next(context);
    }

    private static string? RefusalOf(HttpRequest request, IAcceptsMetadata accepts) =>
        HasNoBody(request) ? null // whatever it is said to be; whether one is required is for the endpoint to say
        : !IsAccepted(request, accepts) ? $"Accepted are: {string.Join(", ", accepts.ContentTypes)}."
        : !IsUnicode(request) ? "The body must be in UTF-8."
        : request.Headers.ContentEncoding.Any(coding =>
            coding is { Length: > 0 } && !"identity".Equals(coding, StringComparison.OrdinalIgnoreCase)
        )
            ? "The body must not be compressed: there must be no Content-Encoding."
        : null;

    private static bool HasNoBody(HttpRequest request) =>
        request.ContentLength == 0 || request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false;

    private static bool IsUnicode(HttpRequest request) =>
        !MediaTypeHeaderValue.TryParse(request.ContentType, out var given)
        || HeaderUtilities.RemoveQuotes(given.Charset) is not { Length: > 0 } charset
        || s_charsets.Contains(charset.ToString());

    private static bool IsAccepted(HttpRequest request, IAcceptsMetadata accepts)
    {
        if (accepts.ContentTypes.Count == 0)
        {
            return true;
        }
        return MediaTypeHeaderValue.TryParse(request.ContentType, out var given)
            // Not by MatchesMediaType, for which application/json is also every application/…+json.
            && accepts.ContentTypes.Any(accepted => given.MediaType.Equals(accepted, StringComparison.OrdinalIgnoreCase));
    }
}
