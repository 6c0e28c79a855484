using System.Collections.Concurrent;
using Microsoft.Extensions.ServiceDiscovery;

namespace BackendGuide.Gateway.Routing;

/// <summary>The instances of a service, for what the gateway itself asks of it.</summary>
internal sealed class ServiceInstances(ServiceEndpointResolver discovery, LastProbes probes)
{
    private readonly ConcurrentDictionary<string, uint> _turns = new(StringComparer.Ordinal);

    /// <summary>
    /// All of them, each time another one first: what one does not answer, the next try brings to its neighbour. Those that the proxy's probe finds gone
    /// come last: one that stands still costs whoever asks it the time that it may take.
    /// </summary>
    public async Task<IEnumerable<Uri>> InTurnAsync(string service, CancellationToken cancellationToken)
    {
        var source = await discovery.GetEndpointsAsync($"http://{service}", cancellationToken);
        var instances = source.Endpoints.Select(endpoint => endpoint.ToAddress()).ToList();
        var turn = _turns.AddOrUpdate(service, 0, (_, last) => last + 1);
        var first = (int)(turn % (uint)Math.Max(1, instances.Count));
        return instances.Skip(first).Concat(instances.Take(first)).OrderBy(probes.AreLost);
    }
}
