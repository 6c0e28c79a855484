using BackendGuide.Gateway.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.Gateway.Health;

internal static class ServiceHealth
{
    /// <summary>A health check for each service behind the gateway, under the service's name.</summary>
    public static void AddServiceHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HealthProbe>();
        var checks = builder.Services.AddHealthChecks();
        foreach (var service in ApiRoutes.Services)
        {
            checks.AddTypeActivatedCheck<ServiceHealthCheck>(service, HealthStatus.Unhealthy, tags: [], $"http://{service}");
        }
    }
}
