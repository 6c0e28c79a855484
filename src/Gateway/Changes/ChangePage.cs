using System.Buffers;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Caching;
using Microsoft.AspNetCore.Http.Extensions;

namespace BackendGuide.Gateway.Changes;

/// <summary>A page of changes as its JSON reads.</summary>
/// <param name="Items">The changes, the oldest first.</param>
/// <param name="Next">Where to go on, also later.</param>
internal sealed record ChangeList(IReadOnlyList<CloudEvent> Items, string Next);

/// <summary>A page of changes: the sources' own bytes, put side by side.</summary>
internal sealed class ChangePage(IReadOnlyList<FeedEvent> items, ChangeCursor next) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var cursor = next.ToString();
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "public, no-cache";
        AnswerWriter.SetStatus(response, AnswerSource.Service);
        response.Headers.Link = $"<{NextOf(request, cursor)}>; rel=\"next\"";
        var body = response.BodyWriter;
        body.Write("{\"items\":["u8);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                body.Write(","u8);
            }
            body.Write(items[i].Json.Span);
        }
        body.Write("],\"next\":\""u8);
        body.Write(System.Text.Encoding.ASCII.GetBytes(cursor));
        body.Write("\"}"u8);
        await body.FlushAsync(httpContext.RequestAborted);
    }

    private static string NextOf(HttpRequest request, string cursor)
    {
        var others = request.Query.Where(parameter => parameter.Key != "after");
        return request.Path
            + new QueryBuilder(others) { { "after", cursor } }
                .ToQueryString()
                .Value;
    }
}
