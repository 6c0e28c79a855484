using System.Globalization;
using System.Text.Json;
using BackendGuide.Contracts;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.Eventing.Consuming;

/// <summary>
/// Takes events into the service's own copy, each in one transaction with the progress that it makes. It returns only when the event is
/// applied or parked, so that the caller may ack.
/// </summary>
internal sealed partial class EventInbox(
    string consumer,
    EventHandlers handlers,
    NpgsqlDataSource database,
    TimeProvider time,
    ILogger<EventInbox> logger
)
{
    private const int MaxAttempts = 5;

    // contiguous_pos is the end of the first run, where that begins at the feed's beginning: what is above a hole does not count yet.
    private const string ProgressSql = """
        INSERT INTO source_progress AS p(consumer, source, epoch, contiguous_pos, max_seen, seen)
        VALUES ($1, $2, $3, CASE WHEN $4 = 1 THEN 1 ELSE 0 END, $4, int8multirange(int8range($4, $4, '[]')))
        ON CONFLICT (consumer, source) DO UPDATE SET (epoch, contiguous_pos, max_seen, seen) = (
          SELECT excluded.epoch, CASE WHEN lower(run) <= 1 THEN upper(run) - 1 ELSE 0 END, upper(seen.all_of_it) - 1, seen.all_of_it
          FROM (SELECT CASE WHEN p.epoch = excluded.epoch THEN p.seen + excluded.seen ELSE excluded.seen END AS all_of_it) seen,
               LATERAL (SELECT run FROM unnest(seen.all_of_it) AS run ORDER BY run LIMIT 1) first)
        """;

    private const string AttemptSql = """
        INSERT INTO attempt AS a(consumer, event_id, n) VALUES ($1, $2, 1)
        ON CONFLICT (consumer, event_id) DO UPDATE SET n = a.n + 1 RETURNING n
        """;

    private const string ForgetAttemptsSql = "DELETE FROM attempt WHERE consumer = $1 AND event_id = $2";

    private const string ParkSql = """
        INSERT INTO parked_event(consumer, source, epoch, pos, event, reason) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (consumer, source, epoch, pos) DO NOTHING
        """;

    /// <summary>Applies the event, waiting for as long as the database is away.</summary>
    /// <param name="cloudEvent">The event as it came.</param>
    /// <param name="redelivered">True where the broker delivered it before: then the attempt is counted, and the fifth parks it.</param>
    /// <param name="cancellationToken">The bus stops: the event stays with the broker.</param>
    public async Task TakeAsync(CloudEvent cloudEvent, bool redelivered, CancellationToken cancellationToken)
    {
        if (!handlers.TryFind(cloudEvent.Type, out var handler))
        {
            var reason = $"This consumer does not know the type {cloudEvent.Type}";
            await UntilTheDatabaseTakesItAsync(token => ParkAsync(cloudEvent, reason, token), cancellationToken);
            return;
        }
        // Counted once for each delivery: that the database is away is not the event's fault.
        var attempts = 0;
        if (redelivered)
        {
            await UntilTheDatabaseTakesItAsync(async token => attempts = await CountAttemptAsync(cloudEvent, token), cancellationToken);
        }
        await UntilTheDatabaseTakesItAsync(
            token =>
                attempts < MaxAttempts
                    ? ApplyAsync(cloudEvent, handler, token)
                    : ParkAsync(cloudEvent, $"{attempts} attempts failed", token),
            cancellationToken
        );
    }

    // Not nacked: on this broker each nack counts against the delivery limit of every message in flight.
    private async Task UntilTheDatabaseTakesItAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
        while (true)
        {
            try
            {
                await step(cancellationToken);
                return;
            }
            catch (NpgsqlException e) when (e.IsTransient)
            {
                var pause = backoff.Next();
                DatabaseAway(e, consumer, pause);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    private async Task ApplyAsync(CloudEvent cloudEvent, ApplyEvent<JsonElement> handler, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await handler(transaction, cloudEvent, cloudEvent.Data, cancellationToken);
        await using var progress = Command(ProgressSql, transaction, consumer, cloudEvent.Source, cloudEvent.Epoch, Position(cloudEvent));
        await progress.ExecuteNonQueryAsync(cancellationToken);
        await using var forget = Command(ForgetAttemptsSql, transaction, consumer, cloudEvent.Id);
        await forget.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<int> CountAttemptAsync(CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        await using var count = database.CreateCommand(AttemptSql);
        count.Parameters.Add(new() { Value = consumer });
        count.Parameters.Add(new() { Value = cloudEvent.Id });
        return (int)(await count.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task ParkAsync(CloudEvent cloudEvent, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var position = Position(cloudEvent);
        await using var park = Command(ParkSql, transaction, consumer, cloudEvent.Source, cloudEvent.Epoch, position);
        park.Parameters.Add(new() { Value = JsonSerializer.Serialize(cloudEvent, EventJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb });
        park.Parameters.Add(new() { Value = reason });
        await park.ExecuteNonQueryAsync(cancellationToken);
        await using var progress = Command(ProgressSql, transaction, consumer, cloudEvent.Source, cloudEvent.Epoch, position);
        await progress.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Parked(consumer, cloudEvent.Source, position, cloudEvent.Type, reason);
    }

    private static long Position(CloudEvent cloudEvent) => long.Parse(cloudEvent.Position, CultureInfo.InvariantCulture);

    private static NpgsqlCommand Command(string sql, NpgsqlTransaction transaction, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }

    [LoggerMessage(20, LogLevel.Warning, "{Consumer} cannot reach its database, next try in {Pause}")]
    private partial void DatabaseAway(Exception exception, string consumer, TimeSpan pause);

    [LoggerMessage(21, LogLevel.Error, "{Consumer} parked the event {Source}/{Position} ({EventType}): {Reason}")]
    private partial void Parked(string consumer, string source, long position, string eventType, string reason);
}
