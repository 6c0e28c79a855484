using BackendGuide.Gateway.Routing.Streams;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace BackendGuide.Gateway.Routing;

/// <summary>
/// A request that found nobody listening was not sent: it goes to another instance, a write too. What was sent once is not sent again, unless
/// its method is safe, for nobody knows what came of it.
/// </summary>
internal sealed class UnsentRetries(RequestDelegate next, TimeProvider time)
{
    private const int MostTries = 3;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    public async Task InvokeAsync(HttpContext context)
    {
        var feature = context.GetReverseProxyFeature();
        var untried = feature.AvailableDestinations;
        var begun = time.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            if (MayComeTwice(context.Request))
            {
                var isLast = untried.Count <= 1 || tries == MostTries;
                var isStreamed = StreamedRoutes.IsOne(feature.Route.Config);
                context.Features.Set(ReadTry.Of(isLast, time.GetElapsedTime(begun), isStreamed));
            }
            await next(context);
            if (tries == MostTries || !MayBeTriedAgain(context))
            {
                return;
            }
            untried = [.. untried.Where(instance => instance != feature.ProxiedDestination)];
            if (untried.Count == 0)
            {
                return;
            }
            await Task.Delay(s_pause * (tries - 1), context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.Response.Clear();
            context.Features.Set<IForwarderErrorFeature>(null);
            feature.AvailableDestinations = untried;
            feature.ProxiedDestination = null;
        }
    }

    private static bool MayBeTriedAgain(HttpContext context)
    {
        if (
            context.Response.HasStarted
            || context.RequestAborted.IsCancellationRequested
            || context.GetForwarderErrorFeature() is not { } failure
        )
        {
            return false;
        }
        var wasNotSent =
            failure.Exception is HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            };
        return wasNotSent || (MayComeTwice(context.Request) && failure.Error is ForwarderError.Request or ForwarderError.RequestTimedOut);
    }

    private static bool MayComeTwice(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }; // it is read once
}
