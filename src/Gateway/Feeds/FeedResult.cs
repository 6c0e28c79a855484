using System.Globalization;
using BackendGuide.Gateway.Caching;

namespace BackendGuide.Gateway.Feeds;

/// <summary>Answers with a document: 200, or 304 where the client has it already.</summary>
/// <param name="document">The document.</param>
/// <param name="source">Where what it is made of came from.</param>
/// <param name="age">How old that is.</param>
internal sealed class FeedResult(FeedDocument document, AnswerSource source, TimeSpan age) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.Age = ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        AnswerWriter.SetStatus(httpContext.Response, source);
        return document.SendAsync(httpContext);
    }
}
