using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Operating;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Consuming;

/// <summary>The same events again, in every order: the guard is permanent.</summary>
public sealed class ReplayTests(ServersFixture servers) : IAsyncLifetime
{
    private const string Effects = "SELECT coalesce(string_agg(slug || '@' || version, ' ' ORDER BY seq), '') FROM effect";

    private static readonly int s_events = Sizes.Pick(quick: 2_000, full: 10_000);

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly Guid _epoch = Guid.NewGuid();
    private TwoServices _services = null!;
    private EventingHost _consumer = null!;

    public async ValueTask InitializeAsync()
    {
        _services = await TwoServices.CreateAsync(servers, _cancelled);
        _consumer = await _services.StartConsumerAsync(servers, _cancelled);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Events_ReplayedTwiceAndShuffled_HaveNoFurtherEffect()
    {
        var random = new Random(20);
        CloudEvent[] all = [.. Enumerable.Range(0, s_events).Select(i => Things.Event($"thing-{i % 100}", 1 + (i / 100), 1 + i, _epoch))];
        await TakeAsync(all);
        var (copy, effects) = (await ReadAsync(Things.CopySql), await ReadAsync(Effects));
        Assert.Equal(all.Length, await _consumer.CountAsync("effect", _cancelled));

        // The guard is the copy's own version: nothing that is ever purged is part of it.
        await using (var purge = _consumer.Database.CreateCommand("DELETE FROM inbox; DELETE FROM attempt"))
        {
            await purge.ExecuteNonQueryAsync(_cancelled);
        }
        CloudEvent[] again = [.. all, .. all];
        random.Shuffle(again);
        await TakeAsync(again);

        Assert.Equal(copy, await ReadAsync(Things.CopySql));
        Assert.Equal(effects, await ReadAsync(Effects));
        Assert.Equal(all.Length, await _consumer.Database.ScalarAsync<long>("SELECT contiguous_pos FROM source_progress", _cancelled));
    }

    [Fact]
    public async Task Histories_InAnyOrderAndWithDuplicates_EndInTheirHighestVersion()
    {
        const int Histories = 1_000;
        const int Versions = 5;
        var random = new Random(21);
        List<CloudEvent> deliveries = [];
        for (var history = 0; history < Histories; history++)
        {
            var slug = $"history-{history}";
            CloudEvent[] events =
            [
                .. Enumerable.Range(1, Versions).Select(version => Things.Event(slug, version, (history * Versions) + version, _epoch)),
            ];
            CloudEvent[] shuffled = [.. events, .. random.GetItems(events, 3)];
            random.Shuffle(shuffled);
            deliveries.AddRange(shuffled);
        }

        await TakeAsync(deliveries);

        Assert.Equal(
            Histories,
            await _consumer.CountAsync($"thing_copy WHERE version = {Versions} AND title = 'Title {Versions}'", _cancelled)
        );
        Assert.Equal(
            0,
            await _consumer.CountAsync(
                "(SELECT version - lag(version) OVER (PARTITION BY slug ORDER BY seq) AS step FROM effect) AS steps WHERE step <= 0",
                _cancelled
            )
        );
    }

    [Theory]
    [InlineData(5, 4)]
    [InlineData(4, 5)]
    public async Task Thing_RemovedAtVersionFive_StaysSoWhateverComesLate(int first, int second)
    {
        foreach (var version in new[] { first, second, 4, 5 })
        {
            await TakeAsync([version == 5 ? Removed("gone", 5, 5) : Things.Event("gone", version, version, _epoch)]);
        }

        Assert.Equal("gone@5 gone", await ReadAsync(Things.CopySql));
    }

    [Fact]
    public async Task Event_OfATypeFromTomorrow_IsParkedAndAppliedOnceItIsKnown()
    {
        const string Tomorrow = "backendguide.thing.changed.v2";
        await using var client = await PlainClient.ConnectAsync(_services.Broker, servers, _cancelled);
        var unknown = Things.Event("tomorrow", 1, 1, _epoch, Tomorrow);
        // On the public exchange, as a newer service would: the binding takes whole families.
        await client.PublishAsync(
            "backendguide.events",
            Tomorrow,
            JsonSerializer.SerializeToUtf8Bytes(unknown, EventJson.Options),
            _cancelled
        );
        await Eventually.EqualAsync(
            1,
            async () => (await _consumer.Get<Operations>().ReadStatusAsync(_cancelled)).Consumers[0].Parked,
            TwoServices.Deadline,
            "parked events",
            _cancelled
        );

        _consumer.Get<EventHandlers>().On<ThingChanged>(Tomorrow, Things.ApplyAsync);
        await _consumer.Get<Operations>().RedriveConsumerAsync(_cancelled);

        Assert.Equal("tomorrow@1 Title 1", await ReadAsync(Things.CopySql));
        Assert.Equal(0, await _consumer.CountAsync("parked_event", _cancelled));
    }

    // All at once, as the broker hands them over up to the prefetch.
    private async Task TakeAsync(IEnumerable<CloudEvent> events)
    {
        foreach (var inFlight in events.Chunk(64))
        {
            await Task.WhenAll(inFlight.Select(one => _consumer.Get<EventInbox>().TakeAsync(one, redelivered: false, _cancelled)));
        }
    }

    private Task<string> ReadAsync(string sql) => _consumer.Database.ScalarAsync<string>(sql, _cancelled);

    private CloudEvent Removed(string slug, long version, long position) =>
        Things.Event(slug, version, position, _epoch, Things.Removed) with
        {
            Data = JsonSerializer.SerializeToElement(new ThingRemoved(slug, version), EventJson.Options),
        };
}
