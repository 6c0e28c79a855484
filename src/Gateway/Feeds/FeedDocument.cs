using BackendGuide.Gateway.Caching;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.Gateway.Feeds;

/// <summary>A document that the gateway makes itself, in each coding that was asked for so far.</summary>
/// <param name="kind">What its tags begin with.</param>
/// <param name="contentType">Its media type, with the charset.</param>
/// <param name="body">Its bytes, UTF-8.</param>
internal sealed class FeedDocument(string kind, string contentType, ReadOnlyMemory<byte> body)
{
    private readonly AnswerForm _identity = new(body, null, Representation.CreateETag(kind, body.Span));
    private readonly AnswerForm?[] _forms = new AnswerForm?[(int)ContentCoding.Identity];

    private readonly Lock _gate = new();

    public string ContentType => contentType;

    public int Length => body.Length;

    /// <summary>Answers with it, in the coding that the client likes best: 200, or 304 where the client has it already.</summary>
    public async Task SendAsync(HttpContext context)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        var form = In(ContentCodings.Choose(request.Headers.AcceptEncoding));
        headers.ETag = form.ETag;
        headers.CacheControl = "public, no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (Conditions.IsKnown(request, form.ETag!))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        headers.ContentType = ContentType;
        headers.ContentLength = form.Body.Length;
        if (form.Coding is { } coding)
        {
            headers.ContentEncoding = coding;
        }
        if (!HttpMethods.IsHead(request.Method))
        {
            await context.Response.Body.WriteAsync(form.Body, context.RequestAborted);
        }
    }

    /// <summary>The bytes in a coding; made when it is asked for first, once for all who ask at once.</summary>
    public AnswerForm In(ContentCoding coding)
    {
        if (coding == ContentCoding.Identity)
        {
            return _identity;
        }
        if (Volatile.Read(ref _forms[(int)coding]) is { } ready)
        {
            return ready;
        }
        lock (_gate)
        {
            var form = _forms[(int)coding] ?? _identity.In(coding);
            Volatile.Write(ref _forms[(int)coding], form);
            return form;
        }
    }
}
