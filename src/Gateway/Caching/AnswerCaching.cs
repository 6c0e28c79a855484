using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;
using Microsoft.AspNetCore.Http.Features;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Answers what may be shared by all who ask: GET and HEAD of the routes that are kept, by nobody in particular. Everything else goes on. It stands
/// before the rest of the pipeline, of which such an answer needs nothing.
/// </summary>
internal sealed class AnswerCaching(RequestDelegate next, GatewayCache cache, AnswerWriter writer)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!SharedRequest.IsOne(context.Request))
        {
            return next(context);
        }
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!context.Request.Headers.TryGetValue(ChangeCursorExtensions.AfterChangeHeader, out var text))
        {
            return AnswerAsync(context, target, after: null);
        }
        // What is no cursor the service refuses.
        return ChangeCursor.TryParse(text.ToString(), out var after) ? AnswerAsync(context, target, after) : next(context);
    }

    private async Task AnswerAsync(HttpContext context, string target, ChangeCursor? after)
    {
        if (CachedAddress.Read(target, context.Request.Query, context.Request.Headers.Accept) is not { } address)
        {
            await next(context);
            return;
        }
        try
        {
            var client = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
            var (answer, source) = await cache.GetAsync(address, after, client);
            await writer.WriteAsync(context, address.Key, answer, source);
        }
        catch (ServiceAwayException e)
        {
            context.SetEndpoint(address.Route.Endpoint);
            context.Response.Headers.XContentTypeOptions = "nosniff";
            AnswerWriter.SetStatus(context.Response, AnswerSource.Service);
            var away = Problems.Unavailable(context.Response, ProxyFailures.DetailOf(e.Service), FirstFailure.Rest);
            await AnswerCoding.RunAsync(context, away.ExecuteAsync);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody listens any more
        }
    }
}
