using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace BackendGuide.Gateway.Routing;

/// <summary>What the probes found out last: whether an instance refuses, and whether a service is away for longer than its restart takes.</summary>
internal sealed class LastProbes(TimeProvider time)
{
    // The first answer of one that has just begun to listen may take longer than a probe waits.
    private const int MostSilent = 1;

    /// <summary>
    /// How long after its last answer a service is taken for one that is being restarted, and how long a request waits for it at the most. A restart takes
    /// 2 to 4 s on two cores that do nothing else.
    /// </summary>
    public static readonly TimeSpan LongestRestart = TimeSpan.FromSeconds(10);

    private readonly ConditionalWeakTable<DestinationState, Probe> _probes = [];
    private readonly ConcurrentDictionary<string, long> _answeredAt = new(StringComparer.Ordinal);
    private readonly long _begun = time.GetTimestamp(); // what has not answered yet may be starting as the gateway is

    /// <summary>Takes note of a probe.</summary>
    /// <returns>How many the instance has lost in a row.</returns>
    public int Take(string service, DestinationProbingResult result)
    {
        var probe = _probes.GetOrCreateValue(result.Destination);
        if (result.Response is { IsSuccessStatusCode: true })
        {
            _answeredAt[service] = time.GetTimestamp();
            (probe.Lost, probe.Silent, probe.IsRefused) = (0, 0, false);
        }
        else if (Unsent.IsOne(result.Exception))
        {
            (probe.Lost, probe.Silent, probe.IsRefused) = (probe.Lost + 1, 0, true);
        }
        else
        {
            (probe.Lost, probe.Silent) = (probe.Lost + 1, probe.Silent + 1);
            probe.IsRefused &= probe.Silent <= MostSilent;
        }
        return probe.Lost;
    }

    /// <summary>
    /// True where nobody listens there, or nobody did until the last probe: to ask it takes no time, and whoever is the first to ask after it is back has
    /// its answer.
    /// </summary>
    public bool IsRefused(DestinationState instance) => _probes.TryGetValue(instance, out var probe) && probe.IsRefused;

    /// <summary>True where an instance at the address has lost so many probes that it is not asked until it answers one.</summary>
    public bool AreLost(Uri instance) =>
        _probes.Any(it => it.Value.Lost >= AliveProbes.MostLost && new Uri(it.Key.Model.Config.Address) == instance);

    /// <summary>False where none of the service's instances has answered for longer than a restart takes.</summary>
    public bool MayBeRestarting(string service) =>
        time.GetElapsedTime(_answeredAt.TryGetValue(service, out var answered) ? answered : _begun) < LongestRestart;

    // Written by one probe at a time.
    private sealed class Probe
    {
        public volatile bool IsRefused;
        public volatile int Lost;

        public int Silent { get; set; }
    }
}

/// <summary>A request of which nothing was sent, for there was no connection to send it by.</summary>
internal static class Unsent
{
    public static bool IsOne(Exception? failure) =>
        failure is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
}
