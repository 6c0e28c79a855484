using BackendGuide.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace BackendGuide.Gateway.Routing;

/// <summary>
/// The routes whose bodies stream have no limit of size, and none of speed: a client may pause for as long as the route's cluster waits. All of them
/// need a scope.
/// </summary>
internal static class StreamedBodies
{
    public static void WithStreamedBodies(this ReverseProxyConventionBuilder proxy) =>
        proxy.ConfigureEndpoints(
            (endpoint, route) =>
            {
                if (ProxyConfiguration.IsStream(route))
                {
                    endpoint.WithMetadata(new DisableRequestSizeLimitAttribute());
                }
            }
        );

    public static void UseStreamedBodies(this IReverseProxyApplicationBuilder proxy) => proxy.Use(AllowPauses);

    private static Task AllowPauses(HttpContext context, RequestDelegate next)
    {
        var isStream = context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is { MaxRequestBodySize: null };
        if (isStream)
        {
            StreamLimits.LiftDataRates(context);
        }
        return next(context);
    }
}
