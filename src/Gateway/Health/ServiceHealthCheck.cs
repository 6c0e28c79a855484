using BackendGuide.Gateway.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.ServiceDiscovery;

namespace BackendGuide.Gateway.Health;

/// <summary>
/// A service is Unhealthy when none of its instances is of use, Degraded when one is not or says that it is Degraded itself.
/// </summary>
internal sealed class ServiceHealthCheck(ServiceEndpointResolver discovery, HealthProbe probe, string address) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var source = await discovery.GetEndpointsAsync(address, cancellationToken);
        var instances = await Task.WhenAll(source.Endpoints.Select(endpoint => probe.AskAsync(endpoint.ToAddress(), cancellationToken)));
        return Judge(instances);
    }

    internal static HealthCheckResult Judge(IReadOnlyList<InstanceHealth> instances)
    {
        var faults = instances.Where(instance => instance.Status != HealthStatus.Healthy).ToList();
        if (faults.Count == 0 && instances.Count > 0)
        {
            return HealthCheckResult.Healthy(instances.Count == 1 ? "answers" : $"{instances.Count} instances answer");
        }
        var detail = faults.Count == 0 ? "no instance is known" : string.Join("; ", faults.Select(fault => fault.Detail).Distinct());
        if (instances.Count > 1)
        {
            detail = $"{faults.Count} of {instances.Count} instances: {detail}";
        }
        return instances.All(instance => instance.Status == HealthStatus.Unhealthy)
            ? HealthCheckResult.Unhealthy(detail)
            : HealthCheckResult.Degraded(detail);
    }
}
