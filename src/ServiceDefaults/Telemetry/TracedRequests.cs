using Microsoft.AspNetCore.Http;

namespace BackendGuide.ServiceDefaults;

/// <summary>Which requests have a span.</summary>
public static class TracedRequests
{
    // Probes come every second, consumers look at their source every two, and both would drown the rest.
    private static readonly PathString[] s_polled = [HealthEndpoints.HealthPath, HealthEndpoints.AlivePath, "/internal/changes"];

    /// <summary>False for what is asked all the time by nobody in particular.</summary>
    public static bool IsWorthTracing(PathString path) => !s_polled.Any(polled => path.StartsWithSegments(polled));
}
