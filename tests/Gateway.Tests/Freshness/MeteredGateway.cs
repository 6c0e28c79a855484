using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Freshness;
using BackendGuide.Gateway.Tests.Changes;
using BackendGuide.ServiceDefaults;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Gateway.Tests.Freshness;

/// <summary>A gateway whose clock the test moves, before two services that are at the beginning of their feeds; it hears what the test tells it.</summary>
internal sealed class MeteredGateway : IAsyncDisposable
{
    private readonly FeedBackend _content;
    private readonly FeedBackend _career;
    private readonly TestGateway _gateway;
    private ChangeCursor _positions;

    private MeteredGateway(FeedBackend content, FeedBackend career, string? broker)
    {
        (_content, _career) = (content, career);
        _positions = ChangeCursor
            .Start.With(EventSources.Content, new FeedPosition(content.Epoch, 0))
            .With(EventSources.Career, new FeedPosition(career.Epoch, 0));
        content.Positions = career.Positions = _positions;
        var settings = new Dictionary<string, string?> { ["Gateway:Freshness:Enough"] = "3" };
        if (broker is not null)
        {
            settings["ConnectionStrings:messaging"] = broker;
        }
        _gateway = TestGateway.Start([content.Address], [career.Address], settings, Time);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public TestGateway Gateway => _gateway;

    public Guid CareerEpoch => _career.Epoch;

    /// <param name="broker">Null for none: then the gateway is degraded, and hears what it is told here all the same.</param>
    public static async Task<MeteredGateway> StartAsync(string? broker = null)
    {
        var started = new MeteredGateway(await FeedBackend.StartAsync("/content"), await FeedBackend.StartAsync("/career"), broker);
        if (broker is not null)
        {
            await started._gateway.HearsAsync();
        }
        foreach (var by in (string[])["content", "career"])
        {
            started._gateway.Get<EvictionLedger>().Begin(by, started._positions);
            started._gateway.Get<FreshnessMeter>().Begun(by, started._positions);
        }
        return started;
    }

    /// <summary>A change of a career that was written that long ago.</summary>
    public EvictedChange Change(long position, double millisecondsAgo = 0, string type = EventTypes.CareerPublished) =>
        new(position, type, Time.GetUtcNow().UtcDateTime - TimeSpan.FromMilliseconds(millisecondsAgo), TraceParent: null);

    /// <summary>A service announces changes of the career service, from the first position to the last.</summary>
    public void Announce(string by, params EvictedChange[] changes) => Announce(by, CareerEpoch, changes);

    public void Announce(string by, Guid epoch, params EvictedChange[] changes)
    {
        var eviction = new Eviction(by, EventSources.Career, epoch, changes[0].Position, changes[^1].Position, [], changes);
        var ledger = _gateway.Get<EvictionLedger>();
        var isFollowed = ledger.Take(eviction);
        _gateway.Get<FreshnessMeter>().Heard(eviction);
        if (!isFollowed)
        {
            // As the listener does: it asks the service, which follows this history.
            var there = _positions.With(EventSources.Career, new FeedPosition(epoch, eviction.To));
            ledger.Begin(by, there);
            _gateway.Get<FreshnessMeter>().Begun(by, there);
        }
    }

    /// <summary>Both services announce them.</summary>
    public void AnnounceByBoth(params EvictedChange[] changes)
    {
        Announce("career", changes);
        Announce("content", changes);
    }

    public async Task<string> ReadTextAsync()
    {
        using var answer = await _gateway.SendAsync("GET", "/api/v1/freshness");
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What it says of a type; all zero where it says nothing.</summary>
    public async Task<TypeFreshness> ReadAsync(string type = EventTypes.CareerPublished)
    {
        using var text = JsonDocument.Parse(await ReadTextAsync());
        return text.RootElement.GetProperty("types").TryGetProperty(type, out var said)
            ? said.Deserialize<TypeFreshness>(JsonSerializerOptions.Web)!
            : new TypeFreshness(0, 0, 0, 0);
    }

    public async Task<HealthAnswer> HealthAsync()
    {
        using var answer = await _gateway.SendAsync("GET", "/health");
        Assert.Equal(200, (int)answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<HealthAnswer>(TestContext.Current.CancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _content.DisposeAsync();
        await _career.DisposeAsync();
    }
}
