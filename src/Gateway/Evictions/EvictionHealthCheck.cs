using BackendGuide.Eventing.Evicting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.Gateway.Evictions;

/// <summary>Degraded while the gateway does not hear of evictions: what it gives out may then be up to a minute old.</summary>
internal sealed class EvictionHealthCheck(EvictionListener listener) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            listener.IsListening
                ? HealthCheckResult.Healthy("heard")
                : HealthCheckResult.Degraded("not heard; what was changed may be seen up to a minute later")
        );
}
