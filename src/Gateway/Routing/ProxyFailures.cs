using BackendGuide.ServiceDefaults;

namespace BackendGuide.Gateway.Routing;

/// <summary>
/// A service that cannot be reached, or not in time, is 503 with <c>Retry-After</c>: to the outside the gateway and its
/// services are one thing, which has no 502 and no 504. What a service itself answers passes untouched.
/// </summary>
internal static class ProxyFailures
{
    public static void UseProxyFailures(this IReverseProxyApplicationBuilder proxy) => proxy.Use(AnswerFailure);

    public static string DetailOf(string service) => $"The {service} service does not answer at the moment.";

    private static async Task AnswerFailure(HttpContext context, RequestDelegate next)
    {
        await next(context);

        var response = context.Response;
        var isOurs = context.GetForwarderErrorFeature() is not null && response.StatusCode >= StatusCodes.Status500InternalServerError;
        if (!isOurs || response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        await Problems.Unavailable(DetailOf(service)).ExecuteAsync(context);
    }
}
