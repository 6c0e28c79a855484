using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Log;
using BackendGuide.Eventing.Relaying;
using BackendGuide.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Relaying;

/// <summary>What is committed is announced at once, whatever holds up its publishing.</summary>
public sealed class ReadAheadTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Announcement_WhileTheRelaysCursorCannotBeMoved_DoesNotWaitForIt()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "first", _cancelled);
        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
        await using var client = await PlainClient.ConnectAsync(_services.Broker, servers, _cancelled);
        var queue = await client.Channel.QueueDeclareAsync(
            "",
            durable: false,
            exclusive: true,
            autoDelete: true,
            cancellationToken: _cancelled
        );
        await client.Channel.QueueBindAsync(
            queue.QueueName,
            EvictionExchange.Name,
            EventSources.ServiceOf(EventingHost.Source),
            cancellationToken: _cancelled
        );

        await using var other = await producer.Database.OpenConnectionAsync(_cancelled);
        await using var holding = await other.BeginTransactionAsync(_cancelled);
        await using (var hold = new NpgsqlCommand("SELECT FROM relay_cursor FOR UPDATE", other, holding))
        {
            await hold.ExecuteNonQueryAsync(_cancelled);
        }
        await producer.SaveAsync(Guid.CreateVersion7(), "second", _cancelled);
        var waiting = await WaitingAsync(producer.Database);
        await producer.SaveAsync(Guid.CreateVersion7(), "third", _cancelled);

        await Eventually.TrueAsync(
            async () =>
                await client.Channel.BasicGetAsync(queue.QueueName, autoAck: true, _cancelled) is { } heard
                && PositionOf(heard.Body.Span) >= 3,
            TwoServices.Deadline,
            "an announcement of the third event",
            _cancelled
        );

        Assert.Equal(waiting, await WaitingAsync(producer.Database)); // still the same move
        await holding.RollbackAsync(_cancelled);
        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
    }

    [Fact]
    public async Task Commits_ShortlyAfterAnother_AreAnnouncedTogether()
    {
        await using var database = await TestDatabase.CreateAsync(servers, _cancelled);
        using var signal = new RelaySignal();
        var log = new EventLog(database.DataSource, signal, TimeProvider.System);
        using var announcer = new EvictionAnnouncer(
            "test",
            new Uri("amqp://nobody"), // it is not started: what it is told waits
            new EventingOptions(),
            TimeProvider.System,
            NullLogger<EvictionAnnouncer>.Instance
        );
        var (time, passes) = (new FakeTimeProvider(), TimeSpan.Zero); // at each look
        var ends = await database.Feed.ReadEndsAsync(_cancelled);
        var ahead = new ReadAhead(database.Feed, announcer, signal, new EventingOptions(), ends.Epoch, ends.Head, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_cancelled);
        var reading = ahead.RunAsync(over.Token);

        await SaveAsync("first");
        var first = await TakeAsync(); // at once: nobody was before it
        await SaveAsync("second");
        await SaveAsync("third");
        Assert.Empty(await ahead.TakeAsync(1));
        passes = TimeSpan.FromMilliseconds(20);
        var second = await TakeAsync();
        var third = await TakeAsync();

        Assert.Equal([1, 2, 3], [first.Position, second.Position, third.Position]);
        Assert.NotSame(first.Announced, second.Announced);
        Assert.Same(second.Announced, third.Announced);
        await over.CancelAsync();
        await reading;

        Task SaveAsync(string title) => log.WriteAsync((tx, ct) => Things.SaveAsync(tx, Guid.CreateVersion7(), title, ct), _cancelled);

        async Task<(long Position, Task Announced)> TakeAsync()
        {
            IReadOnlyList<FeedEntry> taken = [];
            await Eventually.TrueAsync(
                async () =>
                {
                    time.Advance(passes);
                    return (taken = await ahead.TakeAsync(1)).Count > 0;
                },
                TwoServices.Deadline,
                "what was committed",
                _cancelled
            );
            return (taken[0].Position, ahead.Announced);
        }
    }

    [Fact]
    public async Task Feed_WithAHole_IsNotPublishedBeyondIt()
    {
        const int Stuck = 14;
        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: TwoServices.NothingFilled);
        await using (var before = await EventingHost.StartProducerAsync(_services.ProducerDatabase, _services.Broker, _cancelled))
        {
            await before.SaveAsync(Guid.CreateVersion7(), "first", _cancelled);
            await TwoServices.EverythingHandledAsync(before.Database, consumer.Database, _cancelled);
        }
        await using var database = NpgsqlDataSource.Create(_services.ProducerDatabase);
        using var signal = new RelaySignal();
        var log = new EventLog(database, signal, TimeProvider.System);
        for (var number = 2; number <= 4; number++)
        {
            await log.WriteAsync((tx, ct) => Things.SaveAsync(tx, Guid.CreateVersion7(), "more", ct), _cancelled);
        }
        await using (var remove = database.CreateCommand("DELETE FROM feed WHERE pos = 3"))
        {
            await remove.ExecuteNonQueryAsync(_cancelled);
        }

        var producer = await _services.StartProducerAsync(_cancelled);

        await Eventually.TrueAsync(
            () => Task.FromResult(producer.HasLogged(Stuck)),
            TwoServices.Deadline,
            "a relay that says so",
            _cancelled
        );
        Assert.InRange(await database.ScalarAsync<long>("SELECT pos FROM relay_cursor", _cancelled), 1, 2);
        Assert.InRange(await consumer.CountAsync("handled", _cancelled), 1, 2);
    }

    private static long PositionOf(ReadOnlySpan<byte> announcement) =>
        JsonSerializer.Deserialize<JsonElement>(announcement).GetProperty("to").GetInt64();

    /// <summary>The statement that waits for a lock, by its process and its beginning.</summary>
    private async Task<string> WaitingAsync(NpgsqlDataSource database)
    {
        const string Sql = """
            SELECT coalesce(min(pid || ' since ' || query_start), '') FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'UPDATE relay_cursor%'
            """;
        var waiting = "";
        await Eventually.TrueAsync(
            async () => (waiting = await database.ScalarAsync<string>(Sql, _cancelled)).Length > 0,
            TwoServices.Deadline,
            "a cursor that waits to be moved",
            _cancelled
        );
        return waiting;
    }
}
