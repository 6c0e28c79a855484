using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace BackendGuide.Gateway.Routing;

/// <summary>Turns <c>http://content</c> into one destination for each instance, anew whenever service discovery says so.</summary>
internal sealed class DiscoveredDestinations(ServiceEndpointResolver discovery) : IDestinationResolver
{
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations,
        CancellationToken cancellationToken
    )
    {
        var instances = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        var changes = new List<IChangeToken>();
        foreach (var (name, destination) in destinations)
        {
            var source = await discovery.GetEndpointsAsync(destination.Address, cancellationToken);
            changes.Add(source.ChangeToken);
            foreach (var endpoint in source.Endpoints)
            {
                var address = endpoint.ToAddress().AbsoluteUri;
                // The address is part of the name: an instance keeps its state while others come and go.
                instances[$"{name} {address}"] = destination with
                {
                    Address = address,
                };
            }
        }
        return new ResolvedDestinationCollection(instances, new CompositeChangeToken(changes));
    }
}
