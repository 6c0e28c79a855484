using System.Diagnostics;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Relaying;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.Eventing.Log;

/// <summary>
/// Where a service writes: the change of a row and its event are one transaction, or neither happens. The event gets its position in
/// the feed while the transaction commits, and the relay is woken after that; no write waits for the bus.
/// </summary>
public sealed class EventLog(NpgsqlDataSource database, RelaySignal signal, TimeProvider time)
{
    private const int MaxAttempts = 5;

    // To ask costs a round trip.
    private const int MeasuredOneIn = 16;

    private uint _writes;

    /// <summary>
    /// Runs <paramref name="work"/> in one READ COMMITTED transaction and commits it. What PostgreSQL itself asks to be tried again
    /// (a deadlock, a lost race for a position) is tried up to five times, so <paramref name="work"/> must have no effect elsewhere.
    /// </summary>
    /// <exception cref="PostgresException">The transaction failed, and nothing of it is kept.</exception>
    public Task<T> WriteAsync<T>(Func<NpgsqlTransaction, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        WriteAsync(work, static _ => true, cancellationToken);

    /// <summary>As the other, but what <paramref name="isKept"/> denies of a result is returned and rolled back.</summary>
    /// <exception cref="PostgresException">The transaction failed, and nothing of it is kept.</exception>
    public Task<T> WriteAsync<T>(
        Func<NpgsqlTransaction, CancellationToken, Task<T>> work,
        Func<T, bool> isKept,
        CancellationToken cancellationToken
    ) => WriteAsync(work, isKept, afterwards: null, cancellationToken);

    /// <summary>As the other, and asks in the commit's own round trip for what can be known only after it.</summary>
    /// <exception cref="PostgresException">The transaction failed, and nothing of it is kept.</exception>
    /// <exception cref="NpgsqlException">The connection ended; where that was while it was committed, nobody here knows whether it is kept.</exception>
    internal async Task<T> WriteAsync<T>(
        Func<NpgsqlTransaction, CancellationToken, Task<T>> work,
        Func<T, bool> isKept,
        AfterCommit<T>? afterwards,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var result = await work(transaction, cancellationToken);
                if (!isKept(result))
                {
                    return result;
                }
                await CommitAsync(transaction, result, afterwards, cancellationToken);
                signal.Wake();
                await MeasureAsync(connection);
                return result;
            }
            catch (PostgresException e) when (attempt < MaxAttempts && MayBeTriedAgain(e))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5, 20 * attempt)), time, cancellationToken);
            }
        }
    }

    /// <summary>Adds an event to the transaction. A second event of the same aggregate and version fails it (23505).</summary>
    /// <returns>Its place in the log, by which its position in the feed can be found after the commit.</returns>
    public static async Task<long> AppendAsync(
        NpgsqlTransaction transaction,
        PendingEvent pending,
        DateTime occurredAt,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction) { BatchCommands = { Append(pending, occurredAt) } };
        return (long)(await batch.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>As the other, to be sent with other statements: its one row has one column, the event's place in the log.</summary>
    public static NpgsqlBatchCommand Append(PendingEvent pending, DateTime occurredAt)
    {
        ArgumentNullException.ThrowIfNull(pending);
        const string Sql = """
            INSERT INTO event_log(event_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, deleted, payload, headers, occurred_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            RETURNING seq
            """;
        return new NpgsqlBatchCommand(Sql)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7(new DateTimeOffset(occurredAt)) },
                new() { Value = pending.AggregateType },
                new() { Value = pending.AggregateId },
                new() { Value = pending.Version },
                new() { Value = pending.Type },
                new() { Value = SchemaOf(pending) },
                new() { Value = pending.Deleted },
                new() { Value = JsonSerializer.Serialize(pending.Data, EventJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = JsonSerializer.Serialize(HeadersOf(pending), EventJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = occurredAt },
            },
        };
    }

    /// <summary>Adds many events to the transaction, in their order and with one statement. Else as the other.</summary>
    /// <returns>The last one's place in the log; null where there are none.</returns>
    public static async Task<long?> AppendAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<(PendingEvent Event, DateTime OccurredAt)> pending,
        CancellationToken cancellationToken
    )
    {
        const string Sql = """
            WITH added AS (
              INSERT INTO event_log(event_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, deleted, payload, headers, occurred_at)
              SELECT event_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, deleted, payload, headers, occurred_at
              FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) WITH ORDINALITY AS e(event_id, aggregate_type, aggregate_id, aggregate_version,
                event_type, schema_version, deleted, payload, headers, occurred_at, place)
              ORDER BY place RETURNING seq)
            SELECT max(seq) FROM added
            """;
        ArgumentNullException.ThrowIfNull(pending);
        await using var insert = new NpgsqlCommand(Sql, transaction.Connection, transaction)
        {
            Parameters =
            {
                All(it => Guid.CreateVersion7(new DateTimeOffset(it.OccurredAt))),
                All(it => it.Event.AggregateType),
                All(it => it.Event.AggregateId),
                All(it => it.Event.Version),
                All(it => it.Event.Type),
                All(it => SchemaOf(it.Event)),
                All(it => it.Event.Deleted),
                Json(All(it => JsonSerializer.Serialize(it.Event.Data, EventJson.Options))),
                Json(All(it => JsonSerializer.Serialize(HeadersOf(it.Event), EventJson.Options))),
                All(it => it.OccurredAt),
            },
        };
        return await insert.ExecuteScalarAsync(cancellationToken) as long?;

        NpgsqlParameter All<T>(Func<(PendingEvent Event, DateTime OccurredAt), T> column) =>
            new() { Value = pending.Select(column).ToArray() };

        static NpgsqlParameter Json(NpgsqlParameter texts)
        {
            texts.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb;
            return texts;
        }
    }

    private static async Task CommitAsync<T>(
        NpgsqlTransaction transaction,
        T result,
        AfterCommit<T>? afterwards,
        CancellationToken cancellationToken
    )
    {
        if (afterwards is null)
        {
            await transaction.CommitAsync(cancellationToken);
            return;
        }
        // The barrier has PostgreSQL answer the commit by itself: whatever becomes of the question, what is committed is known to be.
        var commit = new NpgsqlBatchCommand("COMMIT") { AppendErrorBarrier = true };
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction) { BatchCommands = { commit, afterwards.Ask(result) } };
        try
        {
            await using var answer = await batch.ExecuteReaderAsync(cancellationToken);
            await afterwards.Read(result, answer, cancellationToken);
        }
        catch (Exception e) when ((e is NpgsqlException or OperationCanceledException) && IsDone(commit))
        {
            NotKnown(e);
        }
    }

    // Npgsql says what a statement was when PostgreSQL has said that it ended, and of a commit that it was none of those that it knows.
    private static bool IsDone(NpgsqlBatchCommand commit) => commit.StatementType is StatementType.Other;

    private static void NotKnown(Exception e) =>
        Activity.Current?.AddEvent(new ActivityEvent($"What was asked after the commit is not known: {e.Message}"));

    private static int SchemaOf(PendingEvent pending) => EventTypes.Schemas.GetValueOrDefault(pending.Type)?.Version ?? 1;

    private static EventHeaders HeadersOf(PendingEvent pending) => new(pending.Subject, Activity.Current?.Id, pending.Tags);

    // After the commit, so that what is asked here can undo nothing: without an answer there is one figure less.
    private async Task MeasureAsync(NpgsqlConnection connection)
    {
        if (
            !EventingMetrics.FeedLockWait.Enabled
            || Interlocked.Increment(ref _writes) % MeasuredOneIn != 1
            || connection.State != System.Data.ConnectionState.Open // what was asked after the commit may have ended it
        )
        {
            return;
        }
        try
        {
            const string Sql = "SELECT nullif(current_setting('backendguide.feed_lock_wait', true), '')::bigint";
            await using var ask = new NpgsqlCommand(Sql, connection);
            if (await ask.ExecuteScalarAsync(CancellationToken.None) is long microseconds)
            {
                EventingMetrics.FeedLockWait.Record(microseconds / 1000.0);
            }
        }
        catch (NpgsqlException e)
        {
            Activity.Current?.AddEvent(new ActivityEvent($"The wait for the position is not known: {e.Message}"));
        }
    }

    // 23505 on feed_pkey: the fence of the commit-time position. A writer that saw an old maximum lost the race, and only it.
    private static bool MayBeTriedAgain(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable
        || e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "feed_pkey" };
}

/// <summary>What can be known of a write only after its commit.</summary>
/// <typeparam name="T">The write's result.</typeparam>
/// <param name="Ask">The question: one statement, which has one result.</param>
/// <param name="Read">Takes the answer into the result. It may not come: the write is committed all the same.</param>
internal sealed record AfterCommit<T>(Func<T, NpgsqlBatchCommand> Ask, Func<T, NpgsqlDataReader, CancellationToken, Task> Read);

/// <summary>What an event carries besides its payload.</summary>
/// <param name="Subject">The CloudEvents subject.</param>
/// <param name="TraceParent">The trace of the write.</param>
/// <param name="Tags">What answers of the writing service are evicted by it; null for all of them.</param>
internal sealed record EventHeaders(string Subject, string? TraceParent, IReadOnlyList<string>? Tags = null);
