using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Bus;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Log;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace BackendGuide.Eventing.Operating;

/// <summary>What an operator can see and do, on any instance: the answers come from the database and the broker, not from this process.</summary>
internal sealed class Operations(
    EventingDatabase database,
    NpgsqlDataSource copies,
    Feed feed,
    EventApplier applier,
    ISourceFeed source,
    ConsumerState consumer,
    DeadLetters deadLetters,
    TimeProvider time,
    ProjectionCopy? copy = null
)
{
    private static readonly TimeSpan BrokerLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SourceLimit = TimeSpan.FromSeconds(3);

    // The gateway waits 10 s for an answer.
    private static readonly TimeSpan RedriveLimit = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan RedriveLimitOfOne = TimeSpan.FromSeconds(2);

    private const string RelaySql = """
        SELECT coalesce((SELECT c.pos FROM relay_cursor c JOIN feed_meta m USING (epoch)), (SELECT floor_pos FROM feed_meta)),
          (SELECT count(*) FROM outbox_parked), (SELECT count(*) FROM parked_event WHERE consumer = $1)
        """;

    private const string OldestSql =
        "SELECT e.occurred_at FROM feed f JOIN event_log e USING (seq) WHERE f.pos > $1 ORDER BY f.pos LIMIT 1";

    private const string RedriveSql = "UPDATE outbox_parked SET redrive = true";

    // What failed last comes last, so that it cannot keep the others from being tried; one resource's events keep their order by the guard.
    private const string ParkedSql = """
        SELECT event FROM parked_event WHERE consumer = $1 AND parked_at < $2 ORDER BY parked_at, source, epoch, pos LIMIT 1
        """;

    private const string ParkedCountSql = "SELECT count(*) FROM parked_event WHERE consumer = $1";

    public string Consumer => consumer.Name;

    /// <summary>How far the relay and the consumer are.</summary>
    public async Task<ServiceStatus> ReadStatusAsync(CancellationToken cancellationToken)
    {
        var ends = await feed.ReadEndsAsync(cancellationToken);
        var (position, parked, parkedHere) = await ReadCountsAsync(cancellationToken);
        var relay = new RelayStatus(
            position,
            ends.Head,
            ends.Floor,
            Math.Max(0, ends.Head - position),
            await AgeAfterAsync(position, cancellationToken),
            parked,
            await Leadership.FindLeaderAsync(database.Pooled, Leadership.Relay, cancellationToken)
        );
        var progress = await applier.Progress.ReadAsync(database.Pooled, cancellationToken);
        var changes = await AskSourceAsync(progress?.Contiguous ?? 0, cancellationToken);
        var behind = changes is null
            ? (long?)null
            : Math.Max(0, changes.Head - (progress?.Epoch == changes.Epoch ? progress.Contiguous : 0));
        var status = new ConsumerStatus(
            consumer.Name,
            consumer.Source,
            progress?.Epoch,
            progress?.Contiguous ?? 0,
            changes?.Head,
            behind,
            behind is null ? null
                : behind > 0 && changes?.Next is { } next ? Age(next)
                : 0,
            parkedHere,
            await CountDeadLettersAsync(cancellationToken),
            await Leadership.FindLeaderAsync(database.Pooled, Leadership.Consumer, cancellationToken),
            progress?.Resync ?? false
        );
        return new ServiceStatus(feed.Source.TrimStart('/'), ends.Epoch, relay, [status]);
    }

    /// <summary>Has every parked event published by the relay's leader, within a second or two.</summary>
    /// <returns>How many.</returns>
    public async Task<int> RedriveRelayAsync(CancellationToken cancellationToken)
    {
        await using var redrive = database.Pooled.CreateCommand(RedriveSql);
        return await redrive.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Gives the dead letters back to the queue, and applies the parked events once more, for as long as <see cref="RedriveLimit"/>: what is
    /// left then is among the events that are still parked, and is tried by the next call.
    /// </summary>
    /// <exception cref="RabbitMQClientException">The broker is away: what was applied stays applied.</exception>
    public async Task<Redriven> RedriveConsumerAsync(CancellationToken cancellationToken)
    {
        var (since, began) = (time.GetTimestamp(), await NowAsync(cancellationToken));
        var applied = 0;
        while (time.GetElapsedTime(since) < RedriveLimit && await ReadParkedAsync(began, cancellationToken) is { } parked)
        {
            applied += await TryApplyAsync(parked, cancellationToken) ? 1 : 0;
        }
        await using var count = database.Pooled.CreateCommand(ParkedCountSql);
        count.Parameters.Add(new() { Value = consumer.Name });
        var still = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        return new Redriven(applied, (int)still, await deadLetters.RedriveAsync(cancellationToken));
    }

    private async Task<bool> TryApplyAsync(CloudEvent parked, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RedriveLimitOfOne);
        try
        {
            await applier.ApplyAsync([new TakenEvent(parked, default)], unpark: true, limit.Token);
            return true;
        }
        catch (OtherEpochException)
        {
            // What has been restored since knows nothing of it, and the copy was made anew without it.
            EventingMetrics.StaleEpochEvents.Add(1, new KeyValuePair<string, object?>("consumer", consumer.Name));
            await applier.ForgetParkedAsync(parked, cancellationToken);
        }
        catch (Exception e) when (!Surroundings.AreAtFault(e) && !cancellationToken.IsCancellationRequested)
        {
            await applier.ParkAsync(parked, e.Message, cancellationToken);
        }
        return false;
    }

    /// <summary>Asks for the copy to be made anew: the instance that leads does it, within a few seconds.</summary>
    /// <exception cref="HttpRequestException">The source does not answer.</exception>
    public async Task RequestRebuildAsync(CancellationToken cancellationToken)
    {
        var changes = await source.ReadAsync(null, 0, 0, cancellationToken);
        await applier.Progress.RequestResyncAsync(copies, changes.Epoch, cancellationToken);
    }

    /// <summary>Compares the copy with its source.</summary>
    /// <exception cref="HttpRequestException">The source does not answer.</exception>
    public async Task<IReadOnlyList<Comparison>> CompareAsync(CancellationToken cancellationToken) =>
        copy is null ? [] : [await copy.CompareAsync(time, cancellationToken)];

    private async Task<(long Position, long Parked, long ParkedHere)> ReadCountsAsync(CancellationToken cancellationToken)
    {
        await using var read = database.Pooled.CreateCommand(RelaySql);
        read.Parameters.Add(new() { Value = consumer.Name });
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }

    private async Task<double> AgeAfterAsync(long position, CancellationToken cancellationToken)
    {
        await using var oldest = database.Pooled.CreateCommand(OldestSql);
        oldest.Parameters.Add(new() { Value = position });
        return await oldest.ExecuteScalarAsync(cancellationToken) is DateTime at ? Age(at) : 0;
    }

    private double Age(DateTime at) => Math.Round(Math.Max(0, (time.GetUtcNow().UtcDateTime - at).TotalSeconds), 3);

    // The database's clock, by which what is parked again falls behind.
    private async Task<DateTime> NowAsync(CancellationToken cancellationToken)
    {
        await using var now = database.Pooled.CreateCommand("SELECT clock_timestamp()");
        return (DateTime)(await now.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<CloudEvent?> ReadParkedAsync(DateTime before, CancellationToken cancellationToken)
    {
        await using var read = database.Pooled.CreateCommand(ParkedSql);
        read.Parameters.Add(new() { Value = consumer.Name });
        read.Parameters.Add(new() { Value = before });
        return await read.ExecuteScalarAsync(cancellationToken) is string parked
            ? JsonSerializer.Deserialize<CloudEvent>(parked, EventJson.Options)
            : null;
    }

    private async Task<SourceChanges?> AskSourceAsync(long position, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SourceLimit);
        try
        {
            return await source.ReadAsync(null, position, 0, limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<long?> CountDeadLettersAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(BrokerLimit);
        try
        {
            return await deadLetters.CountAsync(limit.Token);
        }
        catch (Exception e) when (e is RabbitMQClientException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
