using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.Eventing.Tests.Relaying;

public sealed class RelayTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Event_ThatNoQueueTakes_IsKeptAndDeliveredWhenTheConsumerComes()
    {
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "early", _cancelled);
        await UntilAsync(() => producer.WasRefused, "a returned event");
        Assert.Equal(0, await producer.Database.ScalarAsync<long>("SELECT pos FROM relay_cursor", _cancelled));

        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: TwoServices.NothingFilled);

        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        Assert.Equal("early", await consumer.Database.ScalarAsync<string>("SELECT title FROM thing_copy", _cancelled));
    }

    [Fact]
    public async Task Relays_OfTwoInstances_LeadOneAtATimeAndLoseNothing()
    {
        const int Count = 300;
        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: TwoServices.NothingFilled);
        var first = await _services.StartProducerAsync(_cancelled);
        await UntilAsync(() => first.HasLed, "a leader");
        var second = await _services.StartProducerAsync(_cancelled);

        for (var i = 0; i < Count; i++)
        {
            await second.SaveAsync(Guid.CreateVersion7(), $"Title {i}", _cancelled);
            if (i == Count / 2)
            {
                Assert.False(second.HasLed);
                await _services.StopAsync(first);
            }
        }

        await CopiedAsync(second, consumer, Count);
        Assert.True(second.HasLed);
    }

    [Fact]
    public async Task Relay_WhoseLeadershipIsCutOff_IsFollowedAndNothingIsLost()
    {
        const int Count = 300;
        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: TwoServices.NothingFilled);
        var first = await _services.StartProducerAsync(_cancelled);
        await UntilAsync(() => first.HasLed, "a leader");
        var second = await _services.StartProducerAsync(_cancelled);

        for (var i = 0; i < Count; i++)
        {
            await first.SaveAsync(Guid.CreateVersion7(), $"Title {i}", _cancelled);
            if (i == Count / 2)
            {
                // As a server does that has lost its client: the lock is free, and the leader does not know it yet.
                var cutOff = await LeaderAsync(second);
                Assert.NotEqual(0, cutOff);
                await second.Database.ScalarAsync<bool>($"SELECT pg_terminate_backend({cutOff})", _cancelled);
                await Eventually.TrueAsync(
                    async () => await LeaderAsync(second) is > 0 and var leader && leader != cutOff,
                    TwoServices.Deadline,
                    "another leader",
                    _cancelled
                );
            }
        }

        await CopiedAsync(second, consumer, Count);
    }

    [Fact]
    public async Task Relay_ThatCannotReachTheBroker_LetsAnotherInstanceTry()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: TwoServices.NothingFilled);
        await using var broker = ProxiedServer.RabbitMq(_services.Broker);
        await using var lonely = await EventingHost.StartProducerAsync(
            _services.ProducerDatabase,
            broker.ConnectionString,
            _cancelled,
            new Dictionary<string, string> { ["ConfirmTimeout"] = "00:00:01" }
        );
        await UntilAsync(() => lonely.HasLed, "a leader");
        var other = await _services.StartProducerAsync(_cancelled);

        broker.Proxy.Stall();
        await lonely.SaveAsync(Guid.CreateVersion7(), "by another way", _cancelled);

        await CopiedAsync(other, consumer, 1);
        Assert.True(other.HasLed);
        broker.Proxy.Resume();
    }

    [Fact]
    public async Task Relay_OfAFeedThatWasRestoredBeneathIt_BeginsTheNewHistory()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "before", _cancelled);
        await CopiedAsync(producer, consumer, 1);

        await using (var restore = producer.Database.CreateCommand("UPDATE feed_meta SET epoch = gen_random_uuid()"))
        {
            await restore.ExecuteNonQueryAsync(_cancelled);
        }

        await Eventually.TrueAsync(
            () =>
                producer.Database.ScalarAsync<bool>(
                    "SELECT EXISTS (SELECT FROM relay_cursor JOIN feed_meta USING (epoch) WHERE pos = 1)",
                    _cancelled
                ),
            TwoServices.Deadline,
            "the cursor of the new history",
            _cancelled
        );
    }

    // At least once on the way, so the copy is what counts.
    private async Task CopiedAsync(EventingHost producer, EventingHost consumer, long count)
    {
        await Eventually.EqualAsync(
            count,
            () => consumer.CountAsync("thing_copy", _cancelled),
            TwoServices.Deadline,
            "things in the copy",
            _cancelled
        );
        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
    }

    // The server process that holds the leader's lock; 0 where nobody leads.
    private Task<int> LeaderAsync(EventingHost instance)
    {
        const string Sql = """
            SELECT coalesce(max(pid), 0) FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND objid = 724502 AND datname = current_database()
            """;
        return instance.Database.ScalarAsync<int>(Sql, _cancelled);
    }

    private Task UntilAsync(Func<bool> condition, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), TwoServices.Deadline, what, _cancelled);
}
