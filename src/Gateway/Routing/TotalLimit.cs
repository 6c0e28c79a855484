using BackendGuide.Gateway.Routing.Streams;
using Microsoft.AspNetCore.Http.Features;

namespace BackendGuide.Gateway.Routing;

/// <summary>
/// How long a request may take in all, its body, its tries and its answer, that is no stream. The proxy's own limit is for the time in which nothing moves, and so
/// never ends what comes byte by byte.
/// </summary>
/// <remarks>It is long enough for the largest body there is over a slow line: a reader is not cut off for being slow.</remarks>
internal static class TotalLimit
{
    /// <summary>How long that is.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static void UseTotalLimit(this IReverseProxyApplicationBuilder proxy)
    {
        var time = proxy.ApplicationServices.GetRequiredService<TimeProvider>();
        proxy.Use(
            (context, next) =>
                StreamedRoutes.IsOne(context.GetReverseProxyFeature().Route.Config) ? next(context) : RunAsync(context, next, time)
        );
    }

    private static async Task RunAsync(HttpContext context, RequestDelegate next, TimeProvider time)
    {
        var request = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        var client = request.RequestAborted;
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(client, limit.Token);
        request.RequestAborted = either.Token;
        try
        {
            await next(context);
        }
        finally
        {
            request.RequestAborted = client;
        }
        if (limit.IsCancellationRequested && context.GetForwarderErrorFeature() is not null && !context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status504GatewayTimeout; // not the client's fault, for which the proxy takes it
        }
    }
}
