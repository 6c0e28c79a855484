using System.Reflection;

namespace BackendGuide.Architecture.Tests;

/// <summary>What is internal has no way in.</summary>
public sealed class GatewayTests
{
    [Fact]
    public void Proxy_OfTheGateway_RoutesPublicPathsOneByOne()
    {
        var paths = RoutedPaths().ToList();

        Assert.Contains("/api/v1/guides/{slug}", paths);
        Assert.Empty(Rules.OpenDoors(paths));
    }

    [Fact]
    public void Internal_IsNamedByTheOperationsTheFeedAndTheSitemapAlone()
    {
        using var gateway = Code.Of("Gateway");

        var naming = gateway.Texts.Where(at => at.Text.Contains("/internal", StringComparison.Ordinal)).Select(at => at.Type).Distinct();

        // It asks services on behalf of operators, with their own token, and for the feed and the addresses that it gives to everybody; never for what
        // services tell one another.
        Assert.Equal(
            [
                "BackendGuide.Gateway.Changes.FeedClient",
                "BackendGuide.Gateway.Feeds.SitemapReader",
                "BackendGuide.Gateway.Operations.ServiceOperations",
            ],
            naming.Order(StringComparer.Ordinal)
        );
        Assert.DoesNotContain(gateway.Texts, at => at.Text.Contains("/internal/changes", StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Texts, at => at.Text.Contains("/internal/state", StringComparison.Ordinal));
    }

    // As the proxy gets them.
    private static IEnumerable<string> RoutedPaths()
    {
        var configuration = Assembly.Load("Gateway").GetType("BackendGuide.Gateway.Routing.ProxyConfiguration", throwOnError: true)!;
        var routes = (IEnumerable<Yarp.ReverseProxy.Configuration.RouteConfig>)configuration.GetProperty("Routes")!.GetValue(null)!;
        return routes.Select(route => route.Match.Path!);
    }
}
