using System.Collections.Concurrent;
using System.Diagnostics;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Consuming;

/// <summary>Handlers that hang, and a database that is away: what is in flight meanwhile is neither lost nor blamed.</summary>
public sealed class SlowAndAbsentTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Event_WhoseHandlerHangs_IsGivenUpAndParkedWhileOthersGoOn()
    {
        const int Others = 200;
        var started = new ConcurrentQueue<long>();
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
            },
            new Dictionary<string, string> { ["HandlerTimeout"] = "00:00:02", ["HoleAge"] = "00:05:00" }
        );
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "slow", _cancelled);
        await Eventually.TrueAsync(() => Task.FromResult(!started.IsEmpty), TwoServices.Deadline, "the slow handler", _cancelled);

        for (var i = 0; i < Others; i++)
        {
            await producer.SaveAsync(Guid.CreateVersion7(), $"Title {i}", _cancelled);
        }

        // All of them while the slow one goes through its attempts: nobody waits for it to be parked.
        await TwoServices.HandledAsync(consumer, Others, _cancelled);
        Assert.Equal(0, await consumer.CountAsync("parked_event", _cancelled));
        await Eventually.EqualAsync(1, () => consumer.CountAsync("parked_event", _cancelled), TwoServices.Deadline, "parked", _cancelled);
        Assert.InRange(started.Count, 5, 6);
        Assert.Equal(Others, await consumer.CountAsync("thing_copy", _cancelled));
    }

    [Fact]
    public async Task Events_WhileTheDatabaseTakesNoConnections_WaitAndAreNotBlamed()
    {
        const int Count = 300;
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
        for (var i = 0; i < Count; i++)
        {
            await producer.SaveAsync(Guid.CreateVersion7(), $"Title {i}", _cancelled);
            if (i % 50 == 0)
            {
                await ExecuteAsync(admin, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
            }
        }
        // Delivered, and held: published and confirmed, with nobody to apply it.
        await Eventually.EqualAsync(
            1 + Count,
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
                    return await consumer.CountAsync("thing_copy", _cancelled) == 1 + Count;
                }
                catch (NpgsqlException)
                {
                    return false; // a connection of the pool from before
                }
            },
            TwoServices.Deadline,
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
}
