using Microsoft.Extensions.Primitives;

namespace BackendGuide.Gateway.Caching;

/// <summary>A request by nobody in particular: its answer may be given to anybody who asks for the same.</summary>
internal static class SharedRequest
{
    // A token or a cookie says that somebody in particular asks; who wants nothing that is kept says so, and a GET with a body is nothing
    // that anybody has to understand.
    /// <summary>True for GET and HEAD without anything that says who asks, or that refuses what is kept.</summary>
    public static bool IsOne(HttpRequest request)
    {
        var headers = request.Headers;
        return (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && headers.Authorization.Count == 0
            && headers.Cookie.Count == 0
            && (headers.CacheControl.Count == 0 || !RefusesKept(headers.CacheControl))
            && request.ContentLength is null or 0
            && headers.TransferEncoding.Count == 0;
    }

    private static bool RefusesKept(StringValues cacheControl)
    {
        foreach (var value in cacheControl)
        {
            if (
                value is not null
                && (
                    value.Contains("no-cache", StringComparison.OrdinalIgnoreCase)
                    || value.Contains("no-store", StringComparison.OrdinalIgnoreCase)
                )
            )
            {
                return true;
            }
        }
        return false;
    }
}
