using System.Collections.Concurrent;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Log;

/// <summary>Writers whose snapshot is older than their commit: each would give a position that is taken.</summary>
public sealed class SerializableWritersTests(ServersFixture servers)
{
    private const int Writers = 100;
    private const int AttemptsOfOneCall = 5;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly ConcurrentQueue<PostgresException> _refused = new();
    private int _attempts;

    // What loses the race is a serialization failure in the one, and the fence of the positions in the other: 23505 on feed_pkey.
    [Theory]
    [InlineData("SERIALIZABLE")]
    [InlineData("REPEATABLE READ")]
    public async Task Feed_UnderWritersWithOldSnapshots_HasOnlyFailuresThatMayBeTriedAgainAndNoHole(string isolation)
    {
        await using var database = await TestDatabase.CreateAsync(servers, _cancelled);

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteUntilKeptAsync(database, isolation)));

        // The attempts of a call that was refused in the end are all five: a failure that may be tried again was.
        Assert.All(_refused, e => Assert.True(MayBeTriedAgain(e), e.Message));
        Assert.InRange(_attempts, Writers + (AttemptsOfOneCall * _refused.Count) + 1, int.MaxValue);
        Assert.Equal(Writers, await database.CountAsync("event_log", _cancelled));
        Assert.Equal(
            $"1 {Writers} {Writers}",
            await database.DataSource.ScalarAsync<string>("SELECT min(pos) || ' ' || max(pos) || ' ' || count(*) FROM feed", _cancelled)
        );
    }

    private async Task WriteUntilKeptAsync(TestDatabase database, string isolation)
    {
        for (var kept = false; !kept; )
        {
            var attempts = 0;
            try
            {
                await database.Log.WriteAsync(
                    async (transaction, token) =>
                    {
                        Interlocked.Increment(ref _attempts);
                        attempts++;
                        await using var isolate = new NpgsqlCommand(
                            $"SET TRANSACTION ISOLATION LEVEL {isolation}",
                            transaction.Connection,
                            transaction
                        );
                        await isolate.ExecuteNonQueryAsync(token);
                        return await Things.SaveAsync(transaction, Guid.CreateVersion7(), "serializable", token);
                    },
                    _cancelled
                );
                kept = true;
            }
            catch (PostgresException e)
            {
                _refused.Enqueue(e);
                Assert.Equal(AttemptsOfOneCall, attempts);
            }
        }
    }

    private static bool MayBeTriedAgain(PostgresException e) =>
        e.SqlState is "40001" or "40P01" or "55P03" || e is { SqlState: "23505", ConstraintName: "feed_pkey" };
}
