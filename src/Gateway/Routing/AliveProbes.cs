using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace BackendGuide.Gateway.Routing;

/// <summary>Judges instances by their probes: one that lost two in a row is not healthy until it answers one.</summary>
internal sealed class AliveProbes(LastProbes probes, IDestinationHealthUpdater health, IClusterDestinationsUpdater available)
    : IActiveHealthCheckPolicy
{
    public const string PolicyName = "Alive";

    /// <summary>How many probes in a row.</summary>
    public const int MostLost = 2;

    public string Name => PolicyName;

    public void ProbingCompleted(ClusterState cluster, IReadOnlyList<DestinationProbingResult> probingResults)
    {
        health.SetActive(cluster, [.. probingResults.Select(result => Judge(cluster, result))]);
        available.UpdateAvailableDestinations(cluster); // one that stood still may refuse now: that is no other health
    }

    private NewActiveDestinationHealth Judge(ClusterState cluster, DestinationProbingResult result)
    {
        var judged = probes.Take(cluster.ClusterId, result) switch
        {
            0 => DestinationHealth.Healthy,
            < MostLost => result.Destination.Health.Active,
            _ => DestinationHealth.Unhealthy,
        };
        return new NewActiveDestinationHealth(result.Destination, judged);
    }
}
