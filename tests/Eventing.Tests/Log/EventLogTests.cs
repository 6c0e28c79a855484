using BackendGuide.Eventing.Log;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Log;

public sealed class EventLogTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task WriteAsync_OfWorkThatReturns_KeepsRowAndEvent()
    {
        var id = Guid.NewGuid();

        var version = await _database.Log.WriteAsync((tx, ct) => Things.SaveAsync(tx, id, "first", ct), _cancelled);

        Assert.Equal(1, version);
        Assert.Equal(1, await _database.CountAsync("thing", _cancelled));
        var entry = Assert.Single(await _database.Feed.ReadAsync(0, 10, _cancelled));
        Assert.Equal((1, id), (entry.Position, entry.AggregateId));
        Assert.Equal(("1", "1", Things.Changed), (entry.Event!.Position, entry.Event.Sequence, entry.Event.Type));
        Assert.Equal($"things/{Things.SlugOf(id)}", entry.Event.Subject);
        Assert.Equal("first", entry.Event.Data.GetProperty("title").GetString());
    }

    [Fact]
    public async Task WriteAsync_OfWorkThatThrowsAfterItsEvent_KeepsNeither()
    {
        var failure = new InvalidOperationException("the work failed");

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            _database.Log.WriteAsync<long>(
                async (tx, ct) =>
                {
                    await Things.SaveAsync(tx, Guid.NewGuid(), "lost", ct);
                    throw failure;
                },
                _cancelled
            )
        );

        Assert.Same(failure, thrown);
        await ExpectAsync(rows: 0, events: 0);
    }

    [Fact]
    public async Task WriteAsync_OfAVersionThatHasItsEvent_KeepsNeitherAndIsNotTriedAgain()
    {
        var id = Guid.NewGuid();
        await _database.Log.WriteAsync((tx, ct) => Things.SaveAsync(tx, id, "first", ct), _cancelled);
        var attempts = 0;

        var thrown = await Assert.ThrowsAsync<PostgresException>(() =>
            _database.Log.WriteAsync(
                async (tx, ct) =>
                {
                    attempts++;
                    await Things.SaveAsync(tx, Guid.NewGuid(), "beside it", ct);
                    await Things.AppendAsync(tx, id, 1, "again", ct);
                    return 0;
                },
                _cancelled
            )
        );

        Assert.Equal(PostgresErrorCodes.UniqueViolation, thrown.SqlState);
        Assert.Equal(1, attempts);
        await ExpectAsync(rows: 1, events: 1);
    }

    [Fact]
    public async Task AppendAsync_OfManyEvents_GivesThemPositionsInTheirOrderAndSaysTheLast()
    {
        var now = TimeProvider.System.UtcNowInMicroseconds();
        var ids = Enumerable.Range(1, 300).Select(_ => Guid.NewGuid()).ToList();
        List<(PendingEvent Event, DateTime At)> events =
        [
            .. ids.Select((id, n) => (Pending(id, version: 1, $"title {n}"), now.AddSeconds(n))),
            (Pending(ids[0], version: 2, "again") with { Tags = ["one", "two"], Deleted = true }, now),
        ];
        await _database.Log.WriteAsync((tx, ct) => Things.SaveAsync(tx, Guid.NewGuid(), "before", ct), _cancelled);

        var last = await _database.Log.WriteAsync((tx, ct) => EventLog.AppendAsync(tx, events, ct), _cancelled);
        var none = await _database.Log.WriteAsync((tx, ct) => EventLog.AppendAsync(tx, [], ct), _cancelled);

        var entries = await _database.Feed.ReadAsync(1, 1_000, _cancelled);
        Assert.Equal(Enumerable.Range(2, 301).Select(n => (long)n), entries.Select(entry => entry.Position));
        Assert.Equal([.. ids, ids[0]], entries.Select(entry => entry.AggregateId));
        Assert.Equal("title 299", entries[299].Event!.Data.GetProperty("title").GetString());
        Assert.Equal(now.AddSeconds(299), entries[299].Event!.Time);
        Assert.Equal(("2", $"things/{Things.SlugOf(ids[0])}"), (entries[300].Event!.Sequence, entries[300].Event!.Subject));
        Assert.Equal(["one", "two"], entries[300].Tags);
        Assert.Equal(302, last);
        Assert.Null(none);

        static PendingEvent Pending(Guid id, long version, string title) =>
            new("thing", id, version, Things.Changed, $"things/{Things.SlugOf(id)}", new ThingChanged(Things.SlugOf(id), version, title));
    }

    [Fact]
    public async Task WriteAsync_OfAnEventOver256KiB_KeepsNeither()
    {
        var thrown = await Assert.ThrowsAsync<PostgresException>(() =>
            _database.Log.WriteAsync((tx, ct) => Things.SaveAsync(tx, Guid.NewGuid(), new string('x', 256 * 1024), ct), _cancelled)
        );

        Assert.Equal(PostgresErrorCodes.CheckViolation, thrown.SqlState);
        await ExpectAsync(rows: 0, events: 0);
    }

    [Fact]
    public async Task WriteAsync_WhoseSnapshotIsOlderThanTheNewestPosition_IsTriedAgain()
    {
        var attempts = 0;

        await _database.Log.WriteAsync(
            async (tx, ct) =>
            {
                await UseAnOldSnapshotAsync(tx, ct);
                if (++attempts == 1)
                {
                    await _database.Log.WriteAsync((other, token) => Things.SaveAsync(other, Guid.NewGuid(), "winner", token), ct);
                }
                return await Things.SaveAsync(tx, Guid.NewGuid(), "loser", ct);
            },
            _cancelled
        );

        Assert.Equal(2, attempts);
        var titles = (await _database.Feed.ReadAsync(0, 10, _cancelled)).Select(entry =>
            entry.Event!.Data.GetProperty("title").GetString()
        );
        Assert.Equal(["winner", "loser"], titles);
        await ExpectAsync(rows: 2, events: 2);
    }

    [Fact]
    public async Task WriteAsync_ThatLosesEveryTime_GivesUpAfterFiveAttempts()
    {
        var attempts = 0;

        var thrown = await Assert.ThrowsAsync<PostgresException>(() =>
            _database.Log.WriteAsync<long>(
                async (tx, ct) =>
                {
                    attempts++;
                    await UseAnOldSnapshotAsync(tx, ct);
                    await _database.Log.WriteAsync((other, token) => Things.SaveAsync(other, Guid.NewGuid(), "winner", token), ct);
                    return await Things.SaveAsync(tx, Guid.NewGuid(), "loser", ct);
                },
                _cancelled
            )
        );

        Assert.Equal("feed_pkey", thrown.ConstraintName);
        Assert.Equal(5, attempts);
        await ExpectAsync(rows: 5, events: 5);
    }

    // REPEATABLE READ, whose snapshot is taken by the first query: the position given at COMMIT is then one that is already taken.
    private static async Task UseAnOldSnapshotAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        const string Sql = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM feed";
        await using var command = new NpgsqlCommand(Sql, transaction.Connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task ExpectAsync(long rows, long events)
    {
        Assert.Equal(rows, await _database.CountAsync("thing", _cancelled));
        Assert.Equal(events, await _database.CountAsync("event_log", _cancelled));
        Assert.Equal(events, await _database.CountAsync("feed", _cancelled));
    }
}
