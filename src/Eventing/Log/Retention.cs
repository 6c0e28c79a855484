using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Log;

/// <summary>
/// Removes events that are older than the kept history, every hour, in one instance at a time: never one that the relay or a known consumer
/// has not had or the relay has set aside, and never the newest, from which positions go on. The floor moves before anything is deleted, so that whoever reads below it
/// is told (410), and never finds a gap.
/// </summary>
internal sealed partial class Retention(EventingDatabase database, EventingOptions options, TimeProvider time, ILogger<Retention> logger)
    : BackgroundService
{
    private const int DeleteAtOnce = 5_000;
    private const long AdvisoryLock = 724506;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private const string ForgetSql = "DELETE FROM feed_consumer WHERE seen_at < $1";

    private const string FloorSql = """
        UPDATE feed_meta SET floor_pos = new.floor
        FROM (SELECT least(
            (SELECT f.pos - 1 FROM feed f JOIN event_log e USING (seq) WHERE e.occurred_at >= $1 ORDER BY f.pos LIMIT 1), -- no further than to it
            (SELECT min(pos) - 1 FROM outbox_parked),
            (SELECT max(pos) - 1 FROM feed),
            (SELECT coalesce(min(pos), 0) FROM relay_cursor),
            (SELECT min(pos) FROM feed_consumer)) AS floor) new
        WHERE new.floor > floor_pos AND pg_try_advisory_xact_lock($2) RETURNING floor_pos
        """;

    private const string DeleteSql = """
        WITH gone AS (
          DELETE FROM feed WHERE pos IN (SELECT pos FROM feed WHERE pos <= (SELECT floor_pos FROM feed_meta) ORDER BY pos LIMIT $1) RETURNING pos, seq),
        parked AS (DELETE FROM outbox_parked WHERE pos IN (SELECT pos FROM gone))
        SELECT seq FROM gone
        """;

    private const string DeleteEventsSql = "DELETE FROM event_log WHERE seq = ANY($1)";

    /// <summary>Moves the floor past what was written before <paramref name="before"/>, and deletes what is below it.</summary>
    /// <returns>How many events were deleted.</returns>
    public async Task<long> CutAsync(DateTime before, CancellationToken cancellationToken)
    {
        await using (var forget = database.Pooled.CreateCommand(ForgetSql))
        {
            forget.Parameters.Add(new() { Value = time.GetUtcNow().UtcDateTime - options.ForgetConsumerAfter });
            await forget.ExecuteNonQueryAsync(cancellationToken);
        }
        await using (var move = database.Pooled.CreateCommand(FloorSql))
        {
            move.Parameters.Add(new() { Value = before });
            move.Parameters.Add(new() { Value = AdvisoryLock });
            await move.ExecuteNonQueryAsync(cancellationToken);
        }
        var total = 0L;
        while (await DeleteAsync(cancellationToken) is var deleted and > 0)
        {
            total += deleted;
        }
        return total;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var deleted = await CutAsync(time.GetUtcNow().UtcDateTime - options.Retention, stoppingToken);
                if (deleted > 0)
                {
                    Deleted(deleted, options.Retention);
                }
            }
            catch (NpgsqlException e)
            {
                NotNow(e);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> DeleteAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Pooled.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        List<long> events = [];
        await using (var delete = new NpgsqlCommand(DeleteSql, connection, transaction) { Parameters = { new() { Value = DeleteAtOnce } } })
        {
            await using var row = await delete.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                events.Add(row.GetInt64(0));
            }
        }
        if (events.Count > 0)
        {
            await using var delete = new NpgsqlCommand(DeleteEventsSql, connection, transaction)
            {
                Parameters = { new() { Value = events.ToArray() } },
            };
            await delete.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return events.Count;
    }

    [LoggerMessage(35, LogLevel.Information, "{Count} events older than {Retention} are deleted")]
    private partial void Deleted(long count, TimeSpan retention);

    [LoggerMessage(36, LogLevel.Warning, "Old events could not be deleted; the next try is in an hour")]
    private partial void NotNow(Exception exception);
}
