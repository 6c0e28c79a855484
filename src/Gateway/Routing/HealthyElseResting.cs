using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace BackendGuide.Gateway.Routing;

/// <summary>
/// The instances that are asked: the healthy ones; where there is none, those that only rest after a <see cref="FirstFailure"/>, for one that was
/// restarted answers before its rest is over; and where the probe finds all gone, those that refuse, which takes no time to find out. One that stands still
/// is not asked: then it is 503 at once.
/// </summary>
internal sealed class HealthyElseResting(LastProbes probes) : IAvailableDestinationsPolicy
{
    public const string PolicyName = "HealthyElseResting";

    public string Name => PolicyName;

    public IReadOnlyList<DestinationState> GetAvailalableDestinations(ClusterConfig config, IReadOnlyList<DestinationState> allDestinations)
    {
        var moving = allDestinations.Where(instance => instance.Health.Active != DestinationHealth.Unhealthy).ToList();
        var healthy = moving.Where(instance => instance.Health.Passive != DestinationHealth.Unhealthy).ToList();
        return healthy.Count > 0 ? healthy
            : moving.Count > 0 ? moving
            : [.. allDestinations.Where(probes.IsRefused)];
    }
}
