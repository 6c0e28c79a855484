using System.Net.Http.Json;
using BackendGuide.Eventing.Evicting;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Evictions;

/// <summary>A broker that goes and comes back under a running gateway.</summary>
public sealed class BrokerAwayTests(ServersFixture servers)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Broker_ThatGoesAndComesBack_IsSaidInHealthAndPositionsAreAskedAnew()
    {
        var cancelled = TestContext.Current.CancellationToken;
        await using var broker = ProxiedServer.RabbitMq(await servers.CreateVirtualHostAsync(cancelled));
        await using var content = await StartAsync();
        await using var career = await StartAsync();
        await using var gateway = TestGateway.Start(
            [content.Address],
            [career.Address],
            new Dictionary<string, string?> { ["ConnectionStrings:messaging"] = broker.ConnectionString }
        );
        await HealthAsync(gateway, "Healthy", "heard");
        Assert.True(IsHeard(gateway));
        var asked = (Content: content.PositionsAsked, Career: career.PositionsAsked);

        broker.Proxy.Cut();
        await HealthAsync(gateway, "Degraded", "not heard; what was changed may be seen up to a minute later");
        Assert.Equal(asked, (content.PositionsAsked, career.PositionsAsked));
        Assert.False(IsHeard(gateway));
        broker.Proxy.Resume();
        await HealthAsync(gateway, "Healthy", "heard");
        Assert.True(IsHeard(gateway));

        Assert.Equal((asked.Content + 1, asked.Career + 1), (content.PositionsAsked, career.PositionsAsked));
    }

    // What decides whether anything may be given out stale.
    private static bool IsHeard(TestGateway gateway) =>
        gateway.Get<EvictionLedger>() is var ledger && ledger.IsHeard("content") && ledger.IsHeard("career");

    private static async Task<Backend> StartAsync()
    {
        var backend = await Backend.StartAsync();
        backend.Answer = context => context.Response.WriteAsync("""{"status":"Healthy","checks":{}}""", context.RequestAborted);
        return backend;
    }

    private static async Task HealthAsync(TestGateway gateway, string status, string detail) =>
        await Eventually.EqualAsync(
            (200, status, new CheckAnswer(status, detail)),
            async () =>
            {
                using var answer = await gateway.SendAsync("GET", "/health");
                var health = await answer.Content.ReadFromJsonAsync<HealthAnswer>(TestContext.Current.CancellationToken);
                return ((int)answer.StatusCode, health!.Status, health.Checks["evictions"]);
            },
            s_patience,
            $"health {status}",
            TestContext.Current.CancellationToken
        );
}
