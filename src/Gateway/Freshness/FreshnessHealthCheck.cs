using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.Gateway.Freshness;

/// <summary>Degraded, and nothing more, where changes are seen later than promised: a soft alarm.</summary>
internal sealed class FreshnessHealthCheck(FreshnessMeter meter, FreshnessOptions options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (meter.OldestAwaited is var age && age > options.Limit)
        {
            var seconds = age.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
            return Task.FromResult(HealthCheckResult.Degraded($"a change is not seen everywhere after {seconds} s"));
        }
        return Task.FromResult(
            meter.IsLate(options.Bound, options.Enough)
                ? HealthCheckResult.Degraded($"for three minutes the p99 of changes has been over {options.Bound.TotalMilliseconds} ms")
                : HealthCheckResult.Healthy("within the bound")
        );
    }
}
