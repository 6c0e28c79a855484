using BackendGuide.Gateway.Routing.Streams;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace BackendGuide.Gateway.Routing;

/// <summary>
/// A request that found nobody listening was not sent: it goes to another instance, a write too, and where there is none it waits for one to be back. What
/// was sent once is not sent again, unless its method is safe, for nobody knows what came of it.
/// </summary>
internal sealed class UnsentRetries(RequestDelegate next, LastProbes probes, TimeProvider time)
{
    private const int MostSent = 3;

    public async Task InvokeAsync(HttpContext context)
    {
        var feature = context.GetReverseProxyFeature();
        var isStreamed = StreamedRoutes.IsOne(feature.Route.Config);
        var begun = time.GetTimestamp();
        RestartWait? wait = null;
        var untried = feature.AvailableDestinations;
        for (var sent = 1; ; )
        {
            if (MayComeTwice(context.Request))
            {
                context.Features.Set(ReadTry.Of(isLast: untried.Count <= 1 || sent == MostSent, time.GetElapsedTime(begun), isStreamed));
            }
            await next(context);
            if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }
            var failure = context.GetForwarderErrorFeature();
            var isUnsent = Unsent.IsOne(failure?.Exception);
            if (!isUnsent && (sent++ == MostSent || !MayComeTwice(context.Request) || !IsNoAnswer(failure)))
            {
                return;
            }
            untried = [.. untried.Where(instance => instance != feature.ProxiedDestination)];
            if (untried.Count == 0)
            {
                // One that did not answer in time is not asked twice: it would not be any faster.
                wait ??= new RestartWait(feature.Cluster.Config.ClusterId, begun, probes, time);
                if (failure!.Error == ForwarderError.RequestTimedOut || !await wait.PauseAsync(context.RequestAborted))
                {
                    return;
                }
                untried = AvailableNow(feature);
            }
            context.Response.Clear();
            context.Features.Set<IForwarderErrorFeature>(null);
            feature.AvailableDestinations = untried;
            feature.ProxiedDestination = null;
        }
    }

    // Of an answer that broke off nothing has gone out where it was held back.
    private static bool IsNoAnswer(IForwarderErrorFeature? failure) =>
        failure?.Error is ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.ResponseBodyDestination;

    private static bool MayComeTwice(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }; // it is read once

    private static IReadOnlyList<DestinationState> AvailableNow(IReverseProxyFeature feature) =>
        feature.Route.Cluster?.DestinationsState.AvailableDestinations ?? [];
}
