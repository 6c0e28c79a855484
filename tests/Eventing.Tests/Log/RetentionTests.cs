using BackendGuide.Eventing.Log;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Log;

public sealed class RetentionTests(ServersFixture servers) : IAsyncLifetime
{
    private const int Resynced = 43;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    private static DateTime Later => TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1);

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Cut_OfEverythingOld_KeepsTheNewestAndPositionsGoOn()
    {
        var (producer, consumer) = await StartAsync();
        await SaveAsync(producer, 20);
        await ReportedAsync(producer, 20);

        Assert.Equal(19, await producer.Get<Retention>().CutAsync(Later, _cancelled));

        await SaveAsync(producer, 1);
        Assert.Equal((20, 21), await EndsAsync(producer));
        Assert.Equal(2, await producer.CountAsync("event_log", _cancelled));
        await TwoServices.HandledAsync(consumer, 21, _cancelled);
    }

    [Fact]
    public async Task Cut_WithAConsumerThatIsBehind_StopsAtItUntilItIsForgotten()
    {
        var (producer, _) = await StartAsync();
        await SaveAsync(producer, 20);
        await ReportedAsync(producer, 20);
        await ExecuteAsync(producer, "INSERT INTO feed_consumer VALUES ('slow', 7, now() - interval '29 days')");

        Assert.Equal(7, await producer.Get<Retention>().CutAsync(Later, _cancelled));
        Assert.Equal(0, await producer.Get<Retention>().CutAsync(Later, _cancelled));

        await ExecuteAsync(producer, "UPDATE feed_consumer SET seen_at = now() - interval '31 days' WHERE name = 'slow'");
        Assert.Equal(12, await producer.Get<Retention>().CutAsync(Later, _cancelled));
    }

    [Fact]
    public async Task Cut_OfWhatIsNotPublishedYet_DeletesNothing()
    {
        var producer = await _services.StartProducerAsync(_cancelled); // without a queue, every event is returned
        await SaveAsync(producer, 5);

        Assert.Equal(0, await producer.Get<Retention>().CutAsync(Later, _cancelled));
        Assert.Equal((1, 5), await EndsAsync(producer));
    }

    [Fact]
    public async Task Cut_WithAnEventThatTheRelayHasSetAside_StopsBeforeIt()
    {
        var (producer, _) = await StartAsync();
        await SaveAsync(producer, 10);
        await ReportedAsync(producer, 10);
        await ExecuteAsync(producer, "INSERT INTO outbox_parked(pos, reason, attempts) VALUES (4, 'too large', 5)");

        Assert.Equal(3, await producer.Get<Retention>().CutAsync(Later, _cancelled));

        Assert.Equal((4, 10), await EndsAsync(producer));
    }

    [Fact]
    public async Task Cut_BeforeATime_KeepsWhatIsYounger()
    {
        var (producer, _) = await StartAsync();
        await SaveAsync(producer, 10);
        await ReportedAsync(producer, 10);
        await ExecuteAsync(producer, "UPDATE event_log SET occurred_at = occurred_at - interval '15 days' WHERE seq <= 6");

        Assert.Equal(6, await producer.Get<Retention>().CutAsync(Later.AddDays(-14), _cancelled));

        Assert.Equal((7, 10), await EndsAsync(producer));
    }

    [Fact]
    public async Task Consumer_BelowTheFloor_MakesItsCopyAnewAndGoesOn()
    {
        var (producer, consumer) = await StartAsync();
        var ids = await SaveAsync(producer, 10);
        await TwoServices.HandledAsync(consumer, 10, _cancelled);
        await _services.StopAsync(consumer);
        foreach (var id in ids.Take(3))
        {
            await producer.Get<EventLog>().WriteAsync((tx, ct) => Things.RemoveAsync(tx, id, ct), _cancelled);
        }
        await producer.SaveAsync(ids[5], "changed meanwhile", _cancelled);
        await SaveAsync(producer, 10);
        await RelayedAsync(producer, 24);
        await using (var client = await PlainClient.ConnectAsync(_services.Broker, servers, _cancelled))
        {
            await client.Channel.QueuePurgeAsync(TwoServices.Queue, _cancelled);
        }
        await ExecuteAsync(producer, "DELETE FROM feed_consumer");
        Assert.Equal(23, await producer.Get<Retention>().CutAsync(Later, _cancelled));

        consumer = await _services.StartConsumerAsync(servers, _cancelled);

        await Eventually.TrueAsync(() => Task.FromResult(consumer.HasLogged(Resynced)), TwoServices.Deadline, "a new copy", _cancelled);
        Assert.Equal(await StateAsync(producer, Things.SourceSql), await StateAsync(consumer, Things.CopySql));
        Assert.Equal(24, await consumer.Database.ScalarAsync<long>("SELECT contiguous_pos FROM source_progress", _cancelled));
        await producer.SaveAsync(ids[0], "revived", _cancelled);
        await Eventually.EqualAsync(
            await StateAsync(producer, Things.SourceSql),
            () => StateAsync(consumer, Things.CopySql),
            TwoServices.Deadline,
            "the copy after the next event",
            _cancelled
        );
    }

    private async Task<(EventingHost Producer, EventingHost Consumer)> StartAsync()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        return (await _services.StartProducerAsync(_cancelled), consumer);
    }

    private async Task<List<Guid>> SaveAsync(EventingHost producer, int count)
    {
        var ids = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var id in ids)
        {
            await producer.SaveAsync(id, $"Title of {id}", _cancelled);
        }
        return ids;
    }

    // The consumer's own word: without it the retention would not wait for it.
    private async Task ReportedAsync(EventingHost producer, long position)
    {
        await Eventually.EqualAsync(
            position,
            () => producer.Database.ScalarAsync<long>("SELECT coalesce(max(pos), 0) FROM feed_consumer", _cancelled),
            TwoServices.Deadline,
            "the consumer's report",
            _cancelled
        );
        await RelayedAsync(producer, position);
    }

    private Task<long> RelayedAsync(EventingHost producer, long position) =>
        Eventually.EqualAsync(
            position,
            () => producer.Database.ScalarAsync<long>("SELECT pos FROM relay_cursor", _cancelled),
            TwoServices.Deadline,
            "the relay's cursor",
            _cancelled
        );

    private async Task<(long First, long Last)> EndsAsync(EventingHost host) =>
        (
            await host.Database.ScalarAsync<long>("SELECT min(pos) FROM feed", _cancelled),
            await host.Database.ScalarAsync<long>("SELECT max(pos) FROM feed", _cancelled)
        );

    private Task<string> StateAsync(EventingHost host, string sql) => host.Database.ScalarAsync<string>(sql, _cancelled);

    private async Task ExecuteAsync(EventingHost host, string sql)
    {
        await using var command = host.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(_cancelled);
    }
}
