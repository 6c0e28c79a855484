using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Consuming;

/// <summary>What is no event's fault is waited for, and parks none.</summary>
public sealed class SurroundingsTests(ServersFixture servers) : IAsyncLifetime
{
    private const int Waiting = 20;
    private const int Rewound = 45;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Events_WhileTheCopyIsNotThere_WaitAndAreAppliedWhenItIs()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        await ExecuteAsync(consumer, "ALTER TABLE thing_copy RENAME TO thing_copy_away");
        for (var i = 0; i < 10; i++)
        {
            await producer.SaveAsync(Guid.CreateVersion7(), $"Title {i}", _cancelled);
        }
        await Eventually.TrueAsync(() => Task.FromResult(consumer.HasLogged(Waiting)), TwoServices.Deadline, "the wait", _cancelled);

        await ExecuteAsync(consumer, "ALTER TABLE thing_copy_away RENAME TO thing_copy");

        await TwoServices.HandledAsync(consumer, 10, _cancelled);
        Assert.Equal(0, await consumer.CountAsync("parked_event", _cancelled));
    }

    [Fact]
    public async Task Event_OfANewHistoryWhileItsSourceIsAway_WaitsForItsWord()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        var id = Guid.CreateVersion7();
        await producer.SaveAsync(id, "before", _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);

        var source = (DirectSource)consumer.Get<ISourceFeed>();
        source.IsAway = true;
        await _services.StopAsync(producer);
        await using (var database = TestDatabase.Open(_services.ProducerDatabase))
        {
            await using var restore = database.DataSource.CreateCommand("UPDATE feed_meta SET epoch = gen_random_uuid()");
            await restore.ExecuteNonQueryAsync(_cancelled);
        }
        producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(id, "after", _cancelled);
        await Eventually.TrueAsync(() => Task.FromResult(consumer.HasLogged(Waiting)), TwoServices.Deadline, "the wait", _cancelled);
        Assert.Equal(0, await consumer.CountAsync("attempt", _cancelled)); // it was not given back to the broker
        source.IsAway = false;

        await Eventually.EqualAsync(
            "after",
            () => consumer.Database.ScalarAsync<string>("SELECT title FROM thing_copy", _cancelled),
            TwoServices.Deadline,
            "the title",
            _cancelled
        );
        Assert.Equal(0, await consumer.CountAsync("parked_event", _cancelled));
    }

    [Fact]
    public async Task Page_OfTheFeedThatKilledTheProcessBefore_IsNotCountedBothTogetherAndAlone()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var epoch = Guid.NewGuid();
        CloudEvent[] page = [.. Enumerable.Range(1, 5).Select(position => Things.Event($"thing-{position}", 1, position, epoch))];
        await consumer.Get<ConsumerProgress>().BeginEpochAsync(consumer.Database, epoch, _cancelled);
        for (var kill = 0; kill < 3; kill++)
        {
            await consumer.Get<EventApplier>().CountAttemptsAsync(page, _cancelled);
        }

        await consumer.Get<EventInbox>().FillAsync(page, _cancelled);

        Assert.Equal(page.Length, await consumer.CountAsync("handled", _cancelled));
        Assert.Equal(0, await consumer.CountAsync("parked_event", _cancelled));
        Assert.Equal(0, await consumer.CountAsync("attempt", _cancelled));
    }

    [Fact]
    public async Task Source_RestoredWithoutANewEpoch_IsNoticedAndTheCopyIsMadeAnew()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        var ids = Enumerable.Range(0, 10).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var id in ids)
        {
            await producer.SaveAsync(id, "kept", _cancelled);
        }
        await TwoServices.HandledAsync(consumer, ids.Length, _cancelled);
        await _services.StopAsync(producer);

        // As it was after the fifth: the rest never happened, and its positions are given once more.
        await using (var database = TestDatabase.Open(_services.ProducerDatabase))
        {
            await using var rewind = database.DataSource.CreateCommand(
                """
                DELETE FROM thing WHERE id IN (SELECT aggregate_id FROM event_log JOIN feed USING (seq) WHERE pos > 5);
                DELETE FROM feed WHERE pos > 5;
                DELETE FROM event_log e WHERE NOT EXISTS (SELECT FROM feed f WHERE f.seq = e.seq);
                UPDATE relay_cursor SET pos = 5;
                """
            );
            await rewind.ExecuteNonQueryAsync(_cancelled);
        }
        await Eventually.EqualAsync(5, () => consumer.CountAsync("thing_copy", _cancelled), TwoServices.Deadline, "things", _cancelled);
        Assert.True(consumer.HasLogged(Rewound));

        producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(ids[0], "after", _cancelled);
        await Eventually.EqualAsync(
            await producer.Database.ScalarAsync<string>(Things.SourceSql, _cancelled),
            () => consumer.Database.ScalarAsync<string>(Things.CopySql, _cancelled),
            TwoServices.Deadline,
            "the copy",
            _cancelled
        );
    }

    private async Task ExecuteAsync(EventingHost host, string sql)
    {
        await using var command = host.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(_cancelled);
    }
}
