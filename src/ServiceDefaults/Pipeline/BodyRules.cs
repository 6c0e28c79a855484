using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// 415 for a media type that the endpoint does not name among those that it accepts, and 413 for a body that says it is too
/// large; both after authorization. A body that does not say its length is cut off by the server while it is read.
/// </summary>
internal sealed class BodyRules(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is { } accepts && !IsAccepted(request, accepts))
        {
            var detail = $"Accepted are: {string.Join(", ", accepts.ContentTypes)}.";
            return Problems.UnsupportedMediaType(detail).ExecuteAsync(context);
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize is { } limit && request.ContentLength > limit)
        {
            return Problems.PayloadTooLarge($"A body may have {limit} bytes here.").ExecuteAsync(context);
        }
        return next(context);
    }

    private static bool IsAccepted(HttpRequest request, IAcceptsMetadata accepts)
    {
        if (accepts.ContentTypes.Count == 0)
        {
            return true;
        }
        if (string.IsNullOrEmpty(request.ContentType))
        {
            // Without a body there is nothing to name; whether one is required is for the endpoint to say.
            var canHaveBody = request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody;
            return canHaveBody == false || request.ContentLength == 0;
        }
        return MediaTypeHeaderValue.TryParse(request.ContentType, out var given)
            // Not by MatchesMediaType, for which application/json is also every application/…+json.
            && accepts.ContentTypes.Any(accepted => given.MediaType.Equals(accepted, StringComparison.OrdinalIgnoreCase));
    }
}
