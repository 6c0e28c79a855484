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

    private const string ProgressSql = """
        INSERT INTO source_progress AS p(consumer, source, epoch, contiguous_pos, max_seen)
        VALUES ($1, $2, $3, CASE WHEN $4 = 1 THEN 1 ELSE 0 END, $4)
        ON CONFLICT (consumer, source) DO UPDATE SET
          epoch = excluded.epoch,
          contiguous_pos = CASE
            WHEN p.epoch <> excluded.epoch THEN excluded.contiguous_pos
            WHEN excluded.max_seen = p.contiguous_pos + 1 THEN excluded.max_seen
            ELSE p.contiguous_pos END,
          max_seen = CASE WHEN p.epoch <> excluded.epoch THEN excluded.max_seen ELSE greatest(p.max_seen, excluded.max_seen) END
        """;

    private const string AttemptSql = """
        INSERT INTO attempt AS a(consumer, event_id, n) VALUES ($1, $2, 1)
        ON CONFLICT (consumer, event_id) DO UPDATE SET n = a.n + 1 RETURNING n
        """;

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
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
        while (true)
        {
            try
            {
                if (!handlers.TryFind(cloudEvent.Type, out var handler))
                {
                    await ParkAsync(cloudEvent, $"This consumer does not know the type {cloudEvent.Type}", cancellationToken);
                }
                else if (redelivered && await CountAttemptAsync(cloudEvent, cancellationToken) is >= MaxAttempts and var attempts)
                {
                    await ParkAsync(cloudEvent, $"{attempts} attempts failed", cancellationToken);
                }
                else
                {
                    await ApplyAsync(cloudEvent, handler, cancellationToken);
                }
                return;
            }
            catch (NpgsqlException e) when (e.IsTransient)
            {
                // Not nacked: on this broker each nack counts against the delivery limit of every message in flight.
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
