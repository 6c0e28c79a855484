using System.Collections.Concurrent;
using System.Diagnostics;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Consuming;

/// <summary>Handlers that hang, and a database that is away: what is in flight meanwhile is neither lost nor blamed.</summary>
public sealed class SlowAndAbsentTests(ServersFixture servers) : IAsyncLifetime
{
    private static readonly TimeSpan s_parking = Sizes.Pick(quick: TwoServices.Deadline, full: TimeSpan.FromMinutes(5));

    // How long the database is away at least, and how long what has gathered may then take.
    private static readonly TimeSpan s_away = Sizes.Pick(quick: TimeSpan.Zero, full: TimeSpan.FromSeconds(20));
    private static readonly TimeSpan s_drain = Sizes.Pick(quick: TwoServices.Deadline, full: TimeSpan.FromSeconds(30));

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Event_WhoseHandlerHangs_IsGivenUpAndParkedWhileOthersGoOn()
    {
        const int Burst = 200;
        var started = new ConcurrentQueue<long>();
        var applied = new ConcurrentDictionary<string, TaskCompletionSource<long>>();
        var consumer = await _services.StartConsumerAsync(
            servers,
            _cancelled,
            async (transaction, envelope, thing, token) =>
            {
                if (thing.Title == "slow")
                {
                    started.Enqueue(Stopwatch.GetTimestamp());
                    await using var sleep = new NpgsqlCommand("SELECT pg_sleep(45)", transaction.Connection, transaction);
                    await sleep.ExecuteNonQueryAsync(token);
                }
                await Things.ApplyAsync(transaction, envelope, thing, token);
                Applied(applied, thing.Slug).TrySetResult(Stopwatch.GetTimestamp());
            },
            new Dictionary<string, string>
            {
                ["HandlerTimeout"] = Sizes.Pick(quick: "00:00:02", full: "00:00:30"), // full: the default
                ["HoleAge"] = "00:05:00",
            }
        );
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "slow", _cancelled);
        await Eventually.TrueAsync(() => Task.FromResult(!started.IsEmpty), TwoServices.Deadline, "the slow handler", _cancelled);

        for (var i = 0; i < Burst; i++)
        {
            await producer.SaveAsync(Guid.CreateVersion7(), $"Title {i}", _cancelled);
        }

        // All of them while the slow one goes through its attempts: nobody waits for it to be parked.
        await TwoServices.HandledAsync(consumer, Burst, _cancelled);
        Assert.Equal(0, await consumer.CountAsync("parked_event", _cancelled));
        // And so it stays, one after the other, until it is.
        List<double> delays = [];
        var patience = Stopwatch.StartNew();
        while (await consumer.CountAsync("parked_event", _cancelled) == 0)
        {
            Assert.True(patience.Elapsed < s_parking, $"Not parked within {s_parking}.");
            var id = Guid.CreateVersion7();
            await producer.SaveAsync(id, "beside it", _cancelled);
            var committed = Stopwatch.GetTimestamp();
            var at = await Applied(applied, Things.SlugOf(id)).Task.WaitAsync(TwoServices.Deadline, _cancelled);
            delays.Add(Stopwatch.GetElapsedTime(committed, at).TotalSeconds);
        }
        Assert.InRange(started.Count, 5, 6);
        await TwoServices.HandledAsync(consumer, Burst + delays.Count, _cancelled);
        Assert.Equal(Burst + delays.Count, await consumer.CountAsync("thing_copy", _cancelled));
        delays.Sort();
        var p99 = delays[(int)(delays.Count * 0.99)];
        TestContext.Current.TestOutputHelper?.WriteLine($"{delays.Count} others beside {started.Count} attempts: p99 {p99:0.000} s");
        Assert.InRange(p99, double.MinValue, Sizes.Pick(quick: 10.0, full: 1.0));
    }

    [Fact]
    public async Task Events_WhileTheDatabaseTakesNoConnections_WaitAndAreNotBlamed()
    {
        const int AtLeast = 300;
        var count = 0;
        var consumer = await _services.StartConsumerAsync(
            servers,
            _cancelled,
            settings: new Dictionary<string, string> { ["HoleAge"] = "00:05:00" }
        );
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "before", _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        var name = new NpgsqlConnectionStringBuilder(consumer.Database.ConnectionString).Database!;
        await using var admin = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(_services.ProducerDatabase) { Database = "postgres", Pooling = false }
        );

        await ExecuteAsync(admin, $"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        var away = Stopwatch.StartNew();
        for (; count < AtLeast || away.Elapsed < s_away; count++)
        {
            await producer.SaveAsync(Guid.CreateVersion7(), $"Title {count}", _cancelled);
            if (count % 50 == 0)
            {
                await ExecuteAsync(admin, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
            }
        }
        // Delivered, and held: published and confirmed, with nobody to apply it.
        await Eventually.EqualAsync(
            1 + count,
            () => producer.Database.ScalarAsync<long>("SELECT pos FROM relay_cursor", _cancelled),
            TwoServices.Deadline,
            "the relay's cursor",
            _cancelled
        );
        await ExecuteAsync(admin, $"ALTER DATABASE {name} ALLOW_CONNECTIONS true");

        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await consumer.CountAsync("thing_copy", _cancelled) == 1 + count;
                }
                catch (NpgsqlException)
                {
                    return false; // a connection of the pool from before
                }
            },
            s_drain,
            "the copy",
            _cancelled
        );
        Assert.Equal(0, await consumer.CountAsync("parked_event", _cancelled));
        Assert.Equal(0, await consumer.CountAsync("attempt", _cancelled));
        await using var client = await PlainClient.ConnectAsync(_services.Broker, servers, _cancelled);
        Assert.Equal(0u, await client.CountAsync($"{TwoServices.Queue}.dead", _cancelled));
    }

    private async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(_cancelled);
    }

    private static TaskCompletionSource<long> Applied(ConcurrentDictionary<string, TaskCompletionSource<long>> applied, string slug) =>
        applied.GetOrAdd(slug, _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));
}
