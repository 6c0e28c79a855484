using Microsoft.AspNetCore.Http;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>Answers a write with the resource as its editor reads it: 201 with <c>Location</c> where it is new, else 200.</summary>
public sealed class WrittenResult(Representation representation, string? createdAt = null) : IResult
{
    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        if (createdAt is not null)
        {
            response.StatusCode = StatusCodes.Status201Created;
            response.Headers.Location = createdAt;
        }
        response.Headers.ETag = representation.ETag;
        response.Headers.CacheControl = "no-store";
        response.ContentType = representation.ContentType;
        response.ContentLength = representation.Body.Length;
        await response.Body.WriteAsync(representation.Body, httpContext.RequestAborted);
    }
}
