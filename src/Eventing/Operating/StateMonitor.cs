using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Operating;

/// <summary>
/// Looks every second how far the relay and the consumer are, in every instance and apart from what they do: a relay that stands still
/// does not stop the figure that says so.
/// </summary>
internal sealed partial class StateMonitor(
    EventingDatabase database,
    RelayState relay,
    ConsumerState consumer,
    EventingOptions options,
    TimeProvider time,
    ILogger<StateMonitor> logger
) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AlarmInterval = TimeSpan.FromMinutes(1);

    // A transaction holds the cleaning up back by its snapshot, or by its number where it has written. Only this database's count; a vacuum's
    // own does not. Of other roles' sessions only a member of pg_read_all_stats sees more than that they are there.
    private const string Sql = """
        WITH ends AS (
          SELECT coalesce(c.pos, m.floor_pos) AS done, greatest(m.floor_pos, coalesce((SELECT max(pos) FROM feed), 0)) AS head
          FROM feed_meta m LEFT JOIN relay_cursor c ON c.name = 'rabbitmq' AND c.epoch = m.epoch)
        SELECT head - done, (SELECT e.occurred_at FROM feed f JOIN event_log e USING (seq) WHERE f.pos = done + 1),
          (SELECT count(*) FROM outbox_parked), (SELECT count(*) FROM parked_event WHERE consumer = $1),
          (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 FROM pg_stat_activity
           WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
             AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL))
        FROM ends
        """;

    private DateTimeOffset _nextAlarm = DateTimeOffset.MinValue;
    private DateTimeOffset _nextSnapshotAlarm = DateTimeOffset.MinValue;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var metrics = EventingMetrics.Observe(relay, consumer);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (NpgsqlException e)
            {
                // The health check of the database says that it is away; the figures stay what they last were.
                DatabaseAway(e);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            RaiseAlarm();
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var look = database.Pooled.CreateCommand(Sql);
        look.Parameters.Add(new() { Value = consumer.Name });
        await using var row = await look.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var lag = Math.Max(0, row.GetInt64(0));
        var age = lag > 0 && !row.IsDBNull(1) ? (time.GetUtcNow().UtcDateTime - row.GetDateTime(1)).TotalSeconds : 0;
        relay.Looked(lag, Math.Max(0, age), row.GetInt64(2), row.GetDouble(4));
        consumer.Parked = row.GetInt64(3);
    }

    private void RaiseAlarm()
    {
        var worst = Math.Max(relay.LagSeconds, consumer.LagSeconds ?? 0);
        if (worst > 2 * options.LagLimit.TotalSeconds && time.GetUtcNow() >= _nextAlarm)
        {
            _nextAlarm = time.GetUtcNow() + AlarmInterval;
            Alarm(relay.LagEvents, relay.LagSeconds, consumer.LagEvents, consumer.Name, consumer.LagSeconds);
        }
        if (relay.OldestSnapshotSeconds > options.SnapshotLimit.TotalSeconds && time.GetUtcNow() >= _nextSnapshotAlarm)
        {
            _nextSnapshotAlarm = time.GetUtcNow() + AlarmInterval;
            OldSnapshot(relay.OldestSnapshotSeconds);
        }
    }

    [LoggerMessage(60, LogLevel.Debug, "The lag is not known: the database is away")]
    private partial void DatabaseAway(Exception exception);

    [LoggerMessage(
        61,
        LogLevel.Error,
        "Events are late: {Unpublished} not published (the oldest for {UnpublishedSeconds:0} s), {Unapplied} not applied by {Consumer} (the oldest for {UnappliedSeconds:0} s)"
    )]
    private partial void Alarm(long unpublished, double unpublishedSeconds, long? unapplied, string consumer, double? unappliedSeconds);

    [LoggerMessage(
        62,
        LogLevel.Error,
        "A transaction of this database is {Seconds:0} s old: nothing that was updated or deleted meanwhile is cleaned up, and every table grows (see pg_stat_activity)"
    )]
    private partial void OldSnapshot(double seconds);
}
