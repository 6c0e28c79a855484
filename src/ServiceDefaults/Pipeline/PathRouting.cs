using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// Routing, and the refusals that follow from the path and the method alone: 404, 405 with <c>Allow</c>, and OPTIONS.
/// </summary>
/// <remarks>
/// They are answered before authentication, because the API checks the method first, and because a fallback policy that denies would
/// turn them into 401. Routing's own refusal of a media type (415) would on the other hand come before 401: so routing is shown
/// the request without its media type, and <see cref="BodyRules"/> looks at that after authorization.
/// </remarks>
internal static class PathRouting
{
    // No endpoint has this method, so routing answers with all that the path allows, also to a CORS preflight.
    private const string AnyUnknownMethod = "_";

    public static void UseRoutingByPath(this WebApplication app)
    {
        app.Use(SimplifyForRouting);
        app.UseRouting();
        app.Use(AnswerRefusals);
    }

    private static Task SimplifyForRouting(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        context.Features.Set(new OriginalRequest(request.Method, request.Headers.ContentType));
        request.Headers.Remove(HeaderNames.ContentType);
        if (HttpMethods.IsHead(request.Method))
        {
            request.Method = HttpMethods.Get;
        }
        else if (HttpMethods.IsOptions(request.Method))
        {
            request.Method = AnyUnknownMethod;
        }
        return next(context);
    }

    private static Task AnswerRefusals(HttpContext context, RequestDelegate next)
    {
        context.Features.GetRequiredFeature<OriginalRequest>().Restore(context.Request);
        return context.GetEndpoint() switch
        {
            null => Problems.NotFound().ExecuteAsync(context),
            RouteEndpoint => next(context),
            // What is no route is an answer that routing made up itself.
            { RequestDelegate: { } refusal } => Refuse(context, refusal),
            _ => Problems.NotFound().ExecuteAsync(context),
        };
    }

    private static async Task Refuse(HttpContext context, RequestDelegate refusal)
    {
        await refusal(context);
        var response = context.Response;
        if (response.StatusCode != StatusCodes.Status405MethodNotAllowed)
        {
            return;
        }
        response.Headers.Allow = string.Join(", ", Allowed(response.Headers.Allow));
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private static IEnumerable<string> Allowed(StringValues allow)
    {
        var methods = allow.SelectMany(value => value!.Split(',', StringSplitOptions.TrimEntries)).ToHashSet();
        if (methods.Contains(HttpMethods.Get))
        {
            methods.Add(HttpMethods.Head);
        }
        methods.Add(HttpMethods.Options);
        return methods.Order(StringComparer.Ordinal);
    }

    private sealed record OriginalRequest(string Method, StringValues ContentType)
    {
        public void Restore(HttpRequest request)
        {
            request.Method = Method;
            if (ContentType.Count > 0)
            {
                request.Headers.ContentType = ContentType;
            }
        }
    }
}
