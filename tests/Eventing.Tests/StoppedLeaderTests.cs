using System.Diagnostics;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.Eventing.Tests;

/// <summary>A leading relay that is stopped in the middle of a batch, is followed by another, and wakes up.</summary>
public sealed class StoppedLeaderTests(ServersFixture servers) : IAsyncLifetime
{
    // As long as it takes to be followed, and in the full form longer than the broker keeps its connection too.
    private static readonly TimeSpan s_stop = Sizes.Pick(TimeSpan.Zero, TimeSpan.FromSeconds(40));

    // The server ends an idle leader's session after 15 s, and the others try every second.
    private static readonly TimeSpan s_takeover = TimeSpan.FromSeconds(20);

    private const string EventOnTheBus = "application/cloudevents+json";

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly Stopwatch _stopped = new();
    private TwoServices _services = null!;
    private ProxiedServer _database = null!;
    private ProxiedServer _broker = null!;

    public static TheoryData<int> Seeds => [.. Sizes.Pick<int[]>([1], [1, 2, 3, 4, 5])];

    public async ValueTask InitializeAsync()
    {
        _services = await TwoServices.CreateAsync(servers, _cancelled);
        _database = ProxiedServer.Postgres(_services.ProducerDatabase);
        _broker = ProxiedServer.RabbitMq(_services.Broker);
    }

    public async ValueTask DisposeAsync()
    {
        _database.Proxy.Resume();
        _broker.Proxy.Resume();
        await _services.DisposeAsync();
        await _database.DisposeAsync();
        await _broker.DisposeAsync();
    }

    /// <summary>What it was about to publish arrives when its successor has published newer versions.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Leader_StoppedWhileItPublishes_IsFollowedAndItsLateEventsDoNoHarm(int seed)
    {
        await using var leader = await StartLeaderAsync();
        var (consumer, other) = await StartOthersAsync(leader);
        var things = new ManyThings(other, seed);

        var held = _broker.Proxy.StallBefore(EventOnTheBus); // its announcement goes before it, and is none
        await things.SaveAllAsync(_cancelled);
        await held.WaitAsync(TwoServices.Deadline, _cancelled);
        await StopAsync(leader);
        await FollowedAsync(other, things);
        await TwoServices.EverythingHandledAsync(other.Database, consumer.Database, _cancelled);

        _broker.Proxy.Resume();
        await Eventually.TrueAsync(
            () => consumer.Database.ScalarAsync<bool>("SELECT count(*) > count(DISTINCT event_id) FROM handled", _cancelled),
            TwoServices.Deadline,
            "an event that comes again, late",
            _cancelled
        );
        await WakeAsync(leader, things);

        await ExpectNoHarmAsync(other, consumer);
    }

    /// <summary>Its batch is confirmed, and the move of the cursor arrives when its successor has moved it.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Leader_StoppedWhileItMovesTheCursor_IsFollowedAndItsMoveIsRefused(int seed)
    {
        await using var leader = await StartLeaderAsync();
        var (consumer, other) = await StartOthersAsync(leader);
        var things = new ManyThings(other, seed);

        var held = _database.Proxy.StallBefore("UPDATE relay_cursor SET pos");
        await things.SaveAllAsync(_cancelled);
        await held.WaitAsync(TwoServices.Deadline, _cancelled);
        await StopAsync(leader);
        await FollowedAsync(other, things);
        await TwoServices.EverythingHandledAsync(other.Database, consumer.Database, _cancelled);
        Assert.Equal(0, await other.CountAsync("cursor_move WHERE refused", _cancelled));

        _database.Proxy.Resume();
        await Eventually.EqualAsync(
            1,
            () => other.CountAsync("cursor_move WHERE refused", _cancelled),
            TwoServices.Deadline,
            "the late move that changes nothing",
            _cancelled
        );
        await WakeAsync(leader, things);

        await ExpectNoHarmAsync(other, consumer);
    }

    private Task<ServiceProcess> StartLeaderAsync() =>
        ServiceProcess.StartAsync(
            _cancelled,
            "producer",
            _database.ConnectionString,
            _broker.ConnectionString,
            "--ConfirmTimeout=00:01:00" // what is held up is not given up
        );

    private async Task<(EventingHost Consumer, EventingHost Other)> StartOthersAsync(ServiceProcess leader)
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: TwoServices.NothingFilled);
        await leader.SaveAsync(Guid.CreateVersion7(), _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        var other = await _services.StartProducerAsync(_cancelled);
        Assert.False(other.HasLed);
        await CursorMoves.WatchAsync(other.Database, _cancelled);
        return (consumer, other);
    }

    private async Task StopAsync(ServiceProcess leader)
    {
        _stopped.Start();
        await leader.StopAsync();
    }

    private async Task FollowedAsync(EventingHost other, ManyThings things)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                await things.SaveOneAsync(_cancelled); // writes go on
                return other.HasLed;
            },
            TwoServices.Deadline,
            "another leader",
            _cancelled
        );
        TestContext.Current.TestOutputHelper?.WriteLine($"Followed after {_stopped.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(_stopped.Elapsed, TimeSpan.Zero, s_takeover);
        await things.SaveAllAsync(_cancelled);
    }

    private async Task WakeAsync(ServiceProcess leader, ManyThings things)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                await things.SaveOneAsync(_cancelled);
                return _stopped.Elapsed >= s_stop;
            },
            s_stop + TwoServices.Deadline,
            "the end of the stop",
            _cancelled
        );
        await leader.ContinueAsync();
        foreach (var id in things.Ids)
        {
            await leader.SaveAsync(id, _cancelled);
        }
    }

    private async Task ExpectNoHarmAsync(EventingHost producer, EventingHost consumer)
    {
        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
        await TwoServices.NothingTwiceOrBackwardsAsync(consumer.Database, _cancelled);
        Assert.Equal(
            await producer.Database.ScalarAsync<string>(Things.SourceSql, _cancelled),
            await consumer.Database.ScalarAsync<string>(Things.CopySql, _cancelled)
        );
        await Eventually.EqualAsync(
            await producer.CountAsync("feed", _cancelled),
            () => producer.Database.ScalarAsync<long>("SELECT pos FROM relay_cursor", _cancelled),
            TwoServices.Deadline,
            "the relay's cursor",
            _cancelled
        );
        Assert.Equal(0, await producer.CountAsync("cursor_move WHERE backwards", _cancelled));
        var late = await consumer.Database.ScalarAsync<long>("SELECT count(*) - count(DISTINCT event_id) FROM handled", _cancelled);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{await producer.CountAsync("feed", _cancelled)} events, {late} of them came again"
        );
    }

    /// <summary>Writes of another instance: all at once, so that they are one batch of the relay, or one by one.</summary>
    private sealed class ManyThings(EventingHost producer, int seed)
    {
        private readonly Random _random = new(seed);

        public Guid[] Ids { get; } = [.. Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7())];

        public Task<long> SaveOneAsync(CancellationToken cancellationToken) =>
            producer.SaveAsync(Ids[_random.Next(Ids.Length)], "one by one", cancellationToken);

        public Task<bool> SaveAllAsync(CancellationToken cancellationToken) =>
            producer
                .Get<Eventing.Log.EventLog>()
                .WriteAsync(
                    async (transaction, token) =>
                    {
                        for (var i = _random.Next(50, 150); i > 0; i--)
                        {
                            await Things.SaveAsync(transaction, Ids[_random.Next(Ids.Length)], $"Title {i}", token);
                        }
                        return true;
                    },
                    cancellationToken
                );
    }
}
