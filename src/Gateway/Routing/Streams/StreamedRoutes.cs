using BackendGuide.ServiceDefaults.Http;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace BackendGuide.Gateway.Routing.Streams;

/// <summary>
/// How the routes go whose bodies and answers are streams: without the limits that are for what ends soon, and both ways at once where there is a body
/// (<see cref="DuplexHandler"/>), so that a client reads what came of its first lines while it sends its last.
/// </summary>
internal static class StreamedRoutes
{
    private const string Name = "Streamed";

    /// <summary>What their routes have.</summary>
    public static readonly IReadOnlyDictionary<string, string> Metadata = new Dictionary<string, string> { [Name] = "true" };

    // Without a byte in either direction for this long a request is given up.
    private static readonly TimeSpan s_activityTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Lifts the limit on their bodies. The proxy's own setting does so only behind the rules for bodies.</summary>
    public static void WithStreamedRoutes(this ReverseProxyConventionBuilder proxy) =>
        proxy.ConfigureEndpoints(
            (endpoint, route) =>
            {
                if (IsOne(route))
                {
                    endpoint.WithoutBodyLimit();
                }
            }
        );

    /// <param name="proxy">The proxy's pipeline.</param>
    /// <param name="connectTimeout">How long an instance may take to accept a connection.</param>
    public static void UseStreamedRoutes(this IReverseProxyApplicationBuilder proxy, TimeSpan connectTimeout)
    {
        var duplex = new HttpMessageInvoker(new DuplexHandler(connectTimeout)); // as long as the process
        proxy.Use(
            (context, next) =>
            {
                if (IsOne(context.GetReverseProxyFeature().Route.Config))
                {
                    StreamLimits.LiftDataRates(context);
                    var proxied = context.GetReverseProxyFeature();
                    var client = HttpMethods.IsPost(context.Request.Method) ? duplex : proxied.Cluster.HttpClient;
                    context.Features.Set<IReverseProxyFeature>(new Streamed(proxied, Patient(proxied.Cluster.Config, client)));
                }
                return next(context);
            }
        );
    }

    /// <summary>True for such a route.</summary>
    public static bool IsOne(RouteConfig route) => route.Metadata?.ContainsKey(Name) == true;

    private static ClusterModel Patient(ClusterConfig config, HttpMessageInvoker client) =>
        new(
            config with
            {
                HttpRequest = (config.HttpRequest ?? ForwarderRequestConfig.Empty) with { ActivityTimeout = s_activityTimeout },
            },
            client
        );

    // As the proxy made it, but for how the service is asked.
    private sealed class Streamed(IReverseProxyFeature proxied, ClusterModel cluster) : IReverseProxyFeature
    {
        public RouteModel Route => proxied.Route;

        public ClusterModel Cluster => cluster;

        public IReadOnlyList<DestinationState> AllDestinations => proxied.AllDestinations;

        public IReadOnlyList<DestinationState> AvailableDestinations
        {
            get => proxied.AvailableDestinations;
            set => proxied.AvailableDestinations = value;
        }

        public DestinationState? ProxiedDestination
        {
            get => proxied.ProxiedDestination;
            set => proxied.ProxiedDestination = value;
        }
    }
}
