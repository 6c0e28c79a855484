using Microsoft.Extensions.ServiceDiscovery;

namespace BackendGuide.Gateway.Routing;

internal static class ServiceEndpointExtensions
{
    /// <summary>The instance's address. What service discovery knows only by host and port speaks plain HTTP.</summary>
    public static Uri ToAddress(this ServiceEndpoint endpoint)
    {
        var text = endpoint.ToString()!;
        return new Uri(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}");
    }
}
