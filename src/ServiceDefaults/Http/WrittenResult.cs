using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>The answer to a write that was accepted: whole before it is sent, so that it can be kept and given again.</summary>
public sealed class WrittenResult : IResult
{
    /// <summary>Answers with the resource as its editor reads it: 201 with <c>Location</c> where it is new, else 200.</summary>
    public WrittenResult(Representation representation, string? createdAt = null)
        : this(representation, createdAt is null ? StatusCodes.Status200OK : StatusCodes.Status201Created, createdAt) { }

    /// <summary>Answers with the resource as its editor reads it.</summary>
    /// <param name="representation">The resource.</param>
    /// <param name="status">200 to 202; or 204, which has the tag alone.</param>
    /// <param name="createdAt">The value of <c>Location</c>.</param>
    public WrittenResult(Representation representation, int status, string? createdAt = null)
    {
        ArgumentNullException.ThrowIfNull(representation);
        var headers = new Dictionary<string, string> { [HeaderNames.ETag] = representation.ETag, [HeaderNames.CacheControl] = "no-store" };
        if (status != StatusCodes.Status204NoContent)
        {
            headers[HeaderNames.ContentType] = representation.ContentType;
            Body = representation.Body;
        }
        if (status != StatusCodes.Status204NoContent && representation.Language is { } language)
        {
            headers[HeaderNames.ContentLanguage] = language;
        }
        if (createdAt is not null)
        {
            headers[HeaderNames.Location] = createdAt;
        }
        Status = status;
        Headers = headers;
    }

    /// <summary>Answers with whatever is given.</summary>
    /// <param name="status">200 to 299: what was not accepted is a problem.</param>
    /// <param name="headers">By their names; the length of the body is not among them.</param>
    /// <param name="body">The bytes; none for 204.</param>
    public WrittenResult(int status, IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 299);
        Status = status;
        Headers = headers;
        Body = body;
    }

    /// <summary>The status, 200 to 299.</summary>
    public int Status { get; }

    /// <summary>All headers that say something about the write or its answer.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body's bytes.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>
    /// The event that the write made, by its place in the service's event log; null where it made none. Where that is in the feed is known
    /// only after the commit.
    /// </summary>
    public long? Sequence { get; init; }

    /// <summary>Where that is, once it is committed; null where it has to be asked for yet.</summary>
    public WrittenPlace? Place { get; set; }

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = Status;
        foreach (var (name, value) in Headers)
        {
            response.Headers[name] = value;
        }
        if (!Body.IsEmpty)
        {
            response.ContentLength = Body.Length;
            await response.Body.WriteAsync(Body, httpContext.RequestAborted);
        }
    }
}
