using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>Answers with lists.</summary>
public static class Lists
{
    /// <summary>200 with the page; the next one also as a <c>Link</c>.</summary>
    public static JsonHttpResult<Page<T>> Answer<T>(HttpRequest request, Page<T> page)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(page);
        var headers = request.HttpContext.Response.Headers;
        headers.CacheControl = "public, no-cache";
        if (page.Next is { } next)
        {
            var query = QueryString.Create(request.Query.Where(parameter => parameter.Key != "after")).Add("after", next);
            headers.Link = $"<{request.Path}{query}>; rel=\"next\"";
        }
        return TypedResults.Json(page, ApiJson.Options, MediaTypes.Json);
    }
}
