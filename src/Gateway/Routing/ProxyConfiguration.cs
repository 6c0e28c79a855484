using System.Text;
using BackendGuide.Gateway.Routing.Streams;
using BackendGuide.ServiceDefaults;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.LoadBalancing;

namespace BackendGuide.Gateway.Routing;

/// <summary>The table of <see cref="ApiRoutes"/> in the proxy's words.</summary>
internal static class ProxyConfiguration
{
    private const string Prefix = "/api/v1";
    private const string Anonymous = "anonymous";

    // Without a byte in either direction for this long a request is given up.
    private static readonly TimeSpan s_activityTimeout = TimeSpan.FromSeconds(10);

    // An instance that stands still is left out within 3 s, and asked again within one after it moves.
    private static readonly TimeSpan s_probeInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_probeTimeout = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<RouteConfig> Routes { get; } = [.. ApiRoutes.All.Select(ToRoute)];

    public static IReadOnlyList<ClusterConfig> Clusters { get; } = [.. ApiRoutes.Services.Select(ToCluster)];

    /// <summary>What the proxy calls a route.</summary>
    public static string IdOf(ApiRoute route) => $"{route.Method} {route.Path}";

    private static RouteConfig ToRoute(ApiRoute route) =>
        new()
        {
            RouteId = IdOf(route),
            ClusterId = route.Service,
            Match = new RouteMatch { Path = Prefix + route.Path, Methods = [route.Method] },
            AuthorizationPolicy = route.Scope ?? Anonymous,
            Metadata = route.IsStreamed ? StreamedRoutes.Metadata : null,
        };

    private static ClusterConfig ToCluster(string service) =>
        new()
        {
            ClusterId = service,
            LoadBalancingPolicy = LoadBalancingPolicies.RoundRobin,
            Destinations = new Dictionary<string, DestinationConfig> { [service] = new() { Address = $"http://{service}" } },
            // As they came: a header that is not ASCII would else fail on the way, and that would look as if the service had failed.
            HttpClient = new HttpClientConfig { RequestHeaderEncoding = Encoding.UTF8.WebName },
            HttpRequest = new ForwarderRequestConfig { ActivityTimeout = s_activityTimeout },
            HealthCheck = new HealthCheckConfig
            {
                // Whether the process is there and moves. What it lacks itself, such as its database, it says in its answers, and what it keeps
                // it can give without.
                Active = new ActiveHealthCheckConfig
                {
                    Enabled = true,
                    Path = HealthEndpoints.AlivePath,
                    Interval = s_probeInterval,
                    Timeout = s_probeTimeout,
                    Policy = AliveProbes.PolicyName,
                },
                Passive = new PassiveHealthCheckConfig
                {
                    Enabled = true,
                    Policy = FirstFailure.PolicyName,
                    ReactivationPeriod = FirstFailure.Rest,
                },
                AvailableDestinationsPolicy = HealthyElseResting.PolicyName,
            },
        };
}
