using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Evictions;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace BackendGuide.Gateway.Routing;

internal static class ApiRouting
{
    public static void AddApiRouting(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddReverseProxy()
            .LoadFromMemory(ProxyConfiguration.Routes, ProxyConfiguration.Clusters)
            .AddTransforms(HeaderRules.Apply)
            .AddTransforms<NeverOlder>()
            .AddTransforms<CursorCompletion>();
        builder.Services.AddSingleton<ServiceInstances>();
        builder.Services.AddSingleton<IDestinationResolver, DiscoveredDestinations>();
    }

    public static void MapApi(this WebApplication app) =>
        app.MapReverseProxy(proxy =>
        {
            proxy.UseProxyFailures();
            proxy.UseLoadBalancing();
        });
}
