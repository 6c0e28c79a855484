using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Evictions;
using BackendGuide.Gateway.Routing.Streams;
using BackendGuide.ServiceDefaults;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace BackendGuide.Gateway.Routing;

internal static class ApiRouting
{
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    public static void AddApiRouting(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddReverseProxy()
            .LoadFromMemory(ProxyConfiguration.Routes, ProxyConfiguration.Clusters)
            .AddTransforms(HeaderRules.Apply)
            .AddTransforms<NeverOlder>()
            .AddTransforms<CursorCompletion>()
            .AddTransforms(StreamCompression.Apply)
            .AddTransforms(ReadTry.Apply);
        builder.Services.WithoutCookieKeys(); // which the proxy's session affinity brings
        builder.Services.AddSingleton<IForwarderHttpClientFactory, InstanceClients>();
        builder.Services.AddSingleton<LastProbes>();
        builder.Services.AddSingleton<IActiveHealthCheckPolicy, AliveProbes>();
        builder.Services.AddSingleton<IPassiveHealthCheckPolicy, FirstFailure>();
        builder.Services.AddSingleton<IAvailableDestinationsPolicy, HealthyElseResting>();
        builder.Services.AddSingleton<ServiceInstances>();
        builder.Services.AddSingleton<IDestinationResolver, DiscoveredDestinations>();
    }

    public static void MapApi(this WebApplication app) =>
        app.MapReverseProxy(proxy =>
            {
                proxy.UseProxyFailures();
                proxy.UseTotalLimit();
                proxy.UseStreamedRoutes(ConnectTimeout);
                proxy.UseMiddleware<UnsentRetries>();
                proxy.UseStreamCompression(); // of each try by itself
                proxy.UseLoadBalancing();
                proxy.UsePassiveHealthChecks();
            })
            .WithStreamedRoutes();
}
