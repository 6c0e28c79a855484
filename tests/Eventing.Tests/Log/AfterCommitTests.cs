using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Log;

/// <summary>What is asked in the round trip of a commit: it is known only after it, and undoes nothing of it.</summary>
public sealed class AfterCommitTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly List<WrittenPlace> _places = [];
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Place_OfACommittedWrite_IsThatOfItsEvent()
    {
        await WriteAsync(SaveAsync);
        await WriteAsync(SaveAsync);
        await WriteAsync((_, _) => Task.FromResult<long?>(null)); // as far as the feed is

        Assert.Equal([1, 2, 2], _places.Select(place => place.Position));
        Assert.Equal(await _database.DataSource.ScalarAsync<Guid>("SELECT epoch FROM feed_meta", _cancelled), _places[0].Epoch);
        await ExpectAsync(things: 2, events: 2);
    }

    [Fact]
    public async Task Question_ThatFails_LeavesTheWriteCommittedAndTheConnectionUsable()
    {
        var failing = new AfterCommit<long?>(_ => new NpgsqlBatchCommand("SELECT 1 / (SELECT 0)"), ReadPlaceAsync);

        var written = await _database.Log.WriteAsync(SaveAsync, _ => true, failing, _cancelled);

        Assert.NotNull(written);
        Assert.Empty(_places);
        await ExpectAsync(things: 1, events: 1);
        await WriteAsync(SaveAsync);
        Assert.Equal(2, Assert.Single(_places).Position);
    }

    [Fact]
    public async Task Connection_ThatEndsAfterTheCommit_LeavesTheWriteCommitted()
    {
        var ending = new AfterCommit<long?>(
            _ => new NpgsqlBatchCommand("SELECT pg_terminate_backend(pg_backend_pid())"),
            (_, _, _) => throw new NpgsqlException("no answer can be read")
        );

        for (var i = 1; i <= 20; i++) // one in 16 asks that connection for more
        {
            Assert.NotNull(await _database.Log.WriteAsync(SaveAsync, _ => true, ending, _cancelled));
        }

        await ExpectAsync(things: 20, events: 20);
        await WriteAsync(SaveAsync);
        Assert.Equal(21, Assert.Single(_places).Position);
    }

    [Fact]
    public async Task Request_ThatIsGivenUpAfterTheCommit_LeavesTheWriteCommitted()
    {
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(_cancelled);
        var slow = new AfterCommit<long?>(_ => new NpgsqlBatchCommand("SELECT pg_sleep(60)"), ReadPlaceAsync);

        var writing = _database.Log.WriteAsync(SaveAsync, _ => true, slow, givenUp.Token);
        await Eventually.EqualAsync(
            1,
            () => _database.CountAsync("thing", _cancelled),
            TimeSpan.FromSeconds(30),
            "what is committed, while the question is not answered yet",
            _cancelled
        );
        Assert.False(writing.IsCompleted);
        await givenUp.CancelAsync();

        Assert.NotNull(await writing);
        await ExpectAsync(things: 1, events: 1);
        await WriteAsync(SaveAsync);
        Assert.Equal(2, Assert.Single(_places).Position);
    }

    [Fact]
    public async Task Commit_ThatIsRefused_IsThrownAndKeepsNothing()
    {
        await ExecuteAsync("CREATE TABLE parent(id int PRIMARY KEY)");
        await ExecuteAsync("CREATE TABLE child(parent int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");

        var thrown = await Assert.ThrowsAsync<PostgresException>(() =>
            WriteAsync(
                async (transaction, cancellationToken) =>
                {
                    var saved = await SaveAsync(transaction, cancellationToken);
                    await using var orphan = new NpgsqlCommand("INSERT INTO child VALUES (1)", transaction.Connection, transaction);
                    await orphan.ExecuteNonQueryAsync(cancellationToken);
                    return saved;
                }
            )
        );

        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, thrown.SqlState);
        Assert.Empty(_places);
        await ExpectAsync(things: 0, events: 0);
    }

    [Fact]
    public async Task Commit_ThatLosesTheRaceForAPosition_IsTriedAgain()
    {
        var attempts = 0;

        await WriteAsync(
            async (transaction, cancellationToken) =>
            {
                await using (
                    var old = new NpgsqlCommand("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", transaction.Connection, transaction)
                )
                {
                    await old.ExecuteNonQueryAsync(cancellationToken);
                }
                var saved = await SaveAsync(transaction, cancellationToken);
                if (++attempts == 1)
                {
                    await _database.Log.WriteAsync(SaveAsync, cancellationToken);
                }
                return saved;
            }
        );

        Assert.Equal(2, attempts);
        Assert.Equal(2, Assert.Single(_places).Position);
        await ExpectAsync(things: 2, events: 2);
    }

    [Fact]
    public async Task Result_ThatIsNotKept_IsNotAskedFor()
    {
        var written = await _database.Log.WriteAsync(
            SaveAsync,
            _ => false,
            new AfterCommit<long?>(_ => throw new InvalidOperationException("asked"), ReadPlaceAsync),
            _cancelled
        );

        Assert.NotNull(written);
        await ExpectAsync(things: 0, events: 0);
    }

    private Task<long?> WriteAsync(Func<NpgsqlTransaction, CancellationToken, Task<long?>> work) =>
        _database.Log.WriteAsync(work, _ => true, new AfterCommit<long?>(FeedPlace.Ask, ReadPlaceAsync), _cancelled);

    /// <returns>The place in the log.</returns>
    private static async Task<long?> SaveAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await Things.SaveAsync(transaction, Guid.NewGuid(), "title", cancellationToken);
        await using var last = new NpgsqlCommand("SELECT max(seq) FROM event_log", transaction.Connection, transaction);
        return (long?)await last.ExecuteScalarAsync(cancellationToken);
    }

    private async Task ReadPlaceAsync(long? sequence, NpgsqlDataReader row, CancellationToken cancellationToken) =>
        _places.Add(await FeedPlace.ReadAsync(row, cancellationToken));

    private async Task ExpectAsync(long things, long events)
    {
        Assert.Equal(things, await _database.CountAsync("thing", _cancelled));
        Assert.Equal(events, await _database.CountAsync("event_log", _cancelled));
        Assert.Equal(events, await _database.CountAsync("feed", _cancelled));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(_cancelled);
    }
}
