using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Freshness;
using BackendGuide.Gateway.Tests.Changes;
using BackendGuide.Gateway.Tests.Evictions;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.Gateway.Tests.Freshness;

/// <summary>What goes over the broker, and what does not while the gateway is cut off from it.</summary>
public sealed class HeardFreshnessTests(ServersFixture servers)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Changes_HeardAndThoseOfATimeWithoutTheBroker_AreCountedOnceEach()
    {
        var cancelled = TestContext.Current.CancellationToken;
        var host = await servers.CreateVirtualHostAsync(cancelled);
        await using var broker = ProxiedServer.RabbitMq(host);
        await using var content = await FeedBackend.StartAsync("/content");
        await using var career = await FeedBackend.StartAsync("/career");
        Place(content, career, 0);
        await using var gateway = TestGateway.Start(
            [content.Address],
            [career.Address],
            new Dictionary<string, string?> { ["ConnectionStrings:messaging"] = broker.ConnectionString }
        );
        await gateway.HearsAsync();
        await using var announcer = await Announcer.StartAsync(host); // past the proxy: the services are not cut off

        await AnnounceAsync(announcer, career, 1);
        await AnnounceAsync(announcer, career, 2);
        await ExpectAsync(gateway, 2);

        broker.Proxy.Cut();
        await Eventually.TrueAsync(() => Task.FromResult(!gateway.Get<EvictionListener>().IsListening), s_patience, "cut off", cancelled);
        await AnnounceAsync(announcer, career, 3);
        await AnnounceAsync(announcer, career, 4);
        await AnnounceAsync(announcer, career, 5);
        Place(content, career, 5);
        Assert.Equal(2, await CountAsync(gateway));
        broker.Proxy.Resume();
        await ExpectAsync(gateway, 5);

        await gateway.HearsAsync();
        await AnnounceAsync(announcer, career, 6);
        await ExpectAsync(gateway, 6);
    }

    private static void Place(FeedBackend content, FeedBackend career, long position) =>
        content.Positions = career.Positions = ChangeCursor
            .Start.With(EventSources.Content, new FeedPosition(content.Epoch, 0))
            .With(EventSources.Career, new FeedPosition(career.Epoch, position));

    private static async Task AnnounceAsync(Announcer announcer, FeedBackend career, long position)
    {
        var now = TimeProvider.System.GetUtcNow();
        career.Add((now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        foreach (var by in (string[])["career", "content"])
        {
            var change = new EvictedChange(position, EventTypes.CareerPublished, now.UtcDateTime, TraceParent: null);
            await announcer.AnnounceAsync(new Eviction(by, EventSources.Career, career.Epoch, position, position, ["career:a"], [change]));
        }
    }

    private static async Task ExpectAsync(TestGateway gateway, int count) =>
        await Eventually.EqualAsync(count, () => CountAsync(gateway), s_patience, "changes counted", TestContext.Current.CancellationToken);

    private static async Task<int> CountAsync(TestGateway gateway)
    {
        using var answer = await gateway.SendAsync("GET", "/api/v1/freshness");
        using var text = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return text.RootElement.GetProperty("types").TryGetProperty(EventTypes.CareerPublished, out var said)
            ? said.Deserialize<TypeFreshness>(JsonSerializerOptions.Web)!.Count
            : 0;
    }
}
