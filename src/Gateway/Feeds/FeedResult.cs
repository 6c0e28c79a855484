using System.Globalization;
using BackendGuide.Gateway.Caching;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.Gateway.Feeds;

/// <summary>Answers with a document: 200, or 304 where the client has it already.</summary>
/// <param name="document">The document.</param>
/// <param name="source">Where what it is made of came from.</param>
/// <param name="age">How old that is.</param>
internal sealed class FeedResult(FeedDocument document, AnswerSource source, TimeSpan age) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var form = document.In(ContentCodings.Choose(request.Headers.AcceptEncoding));
        var headers = response.Headers;
        headers.ETag = form.ETag;
        headers.CacheControl = "public, no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.Age = ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        AnswerWriter.SetStatus(response, source);
        if (Conditions.IsKnown(request, form.ETag!))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        headers.ContentType = document.ContentType;
        headers.ContentLength = form.Body.Length;
        if (form.Coding is { } coding)
        {
            headers.ContentEncoding = coding;
        }
        if (!HttpMethods.IsHead(request.Method))
        {
            await response.Body.WriteAsync(form.Body, httpContext.RequestAborted);
        }
    }
}
