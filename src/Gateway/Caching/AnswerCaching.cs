using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Answers what may be shared by all who ask: GET and HEAD of the routes that are kept, by nobody in particular. Everything else goes on. It stands
/// before the rest of the pipeline, of which an answer that is kept needs nothing.
/// </summary>
internal sealed class AnswerCaching(RequestDelegate next, KeptAnswers answers, GatewayCache cache, AnswerWriter writer)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!MayBeShared(context.Request))
        {
            return next(context);
        }
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var headers = context.Request.Headers;
        // Most ask in the spelling that answers are kept under: then nothing has to be read.
        if (!headers.TryGetValue(ChangeCursorExtensions.AfterChangeHeader, out var text))
        {
            return answers.Find(target) is { } kept
                ? writer.WriteAsync(context, target, kept, AnswerSource.Kept)
                : AnswerAsync(context, target, after: null);
        }
        // What is no cursor the service refuses.
        return ChangeCursor.TryParse(text.ToString(), out var after) ? AnswerAsync(context, target, after) : next(context);
    }

    private async Task AnswerAsync(HttpContext context, string target, ChangeCursor? after)
    {
        if (CachedAddress.Read(target, context.Request.Query) is not { } address)
        {
            await next(context);
            return;
        }
        try
        {
            var (answer, source) = await cache.GetAsync(address, after, context.RequestAborted);
            await writer.WriteAsync(context, address.Text, answer, source);
        }
        catch (ServiceAwayException e)
        {
            context.SetEndpoint(address.Route.Endpoint);
            context.Response.Headers.XContentTypeOptions = "nosniff";
            AnswerWriter.SetStatus(context.Response, AnswerSource.Service);
            await Problems.Unavailable(context.Response, ProxyFailures.DetailOf(e.Service), FirstFailure.Rest).ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody listens any more
        }
    }

    // A token or a cookie says that somebody in particular asks; who wants nothing that is kept says so, and a GET with a body is nothing
    // that anybody has to understand.
    private static bool MayBeShared(HttpRequest request)
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
