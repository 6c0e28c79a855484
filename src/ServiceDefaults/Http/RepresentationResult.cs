using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>Answers a read with a <see cref="Representation"/>: 200, or 304 where the client has it already.</summary>
public sealed class RepresentationResult(Representation representation) : IResult
{
    /// <summary>True for what is an editor's alone: nobody may keep it.</summary>
    public bool IsPrivate { get; init; }

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.Headers.ETag = representation.ETag;
        response.Headers.LastModified = HeaderUtilities.FormatDate(representation.LastModified);
        response.Headers.CacheControl = IsPrivate ? "no-store" : "public, no-cache";
        response.Headers.Vary = "Accept, Accept-Encoding";
        if (representation.Language is { } language)
        {
            response.Headers.ContentLanguage = language;
        }
        if (Conditions.IsKnown(httpContext.Request, representation.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = representation.ContentType;
        response.ContentLength = representation.Body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await response.Body.WriteAsync(representation.Body, httpContext.RequestAborted);
        }
    }
}
