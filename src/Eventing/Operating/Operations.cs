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

    private const string RelaySql = """
        SELECT coalesce((SELECT c.pos FROM relay_cursor c JOIN feed_meta m USING (epoch)), (SELECT floor_pos FROM feed_meta)),
          (SELECT count(*) FROM outbox_parked), (SELECT count(*) FROM parked_event WHERE consumer = $1)
        """;

    private const string OldestSql =
        "SELECT e.occurred_at FROM feed f JOIN event_log e USING (seq) WHERE f.pos > $1 ORDER BY f.pos LIMIT 1";

    private const string RedriveSql = "UPDATE outbox_parked SET redrive = true";

    private const string ParkedSql = "SELECT event FROM parked_event WHERE consumer = $1 ORDER BY source, epoch, pos";

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

    /// <summary>Applies every parked event once more, and gives the dead letters back to the queue.</summary>
    /// <exception cref="RabbitMQClientException">The broker is away: what was applied stays applied.</exception>
    public async Task<Redriven> RedriveConsumerAsync(CancellationToken cancellationToken)
    {
        var (applied, still) = (0, 0);
        foreach (var parked in await ReadParkedAsync(cancellationToken))
        {
            try
            {
                await applier.ApplyAsync([new TakenEvent(parked, default)], counted: true, unpark: true, cancellationToken);
                applied++;
            }
            catch (Exception e) when (e is not NpgsqlException { IsTransient: true } && !cancellationToken.IsCancellationRequested)
            {
                await applier.ParkAsync(parked, e.Message, cancellationToken);
                still++;
            }
        }
        return new Redriven(applied, still, await deadLetters.RedriveAsync(cancellationToken));
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

    private async Task<IReadOnlyList<CloudEvent>> ReadParkedAsync(CancellationToken cancellationToken)
    {
        await using var read = database.Pooled.CreateCommand(ParkedSql);
        read.Parameters.Add(new() { Value = consumer.Name });
        List<CloudEvent> parked = [];
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            parked.Add(JsonSerializer.Deserialize<CloudEvent>(row.GetString(0), EventJson.Options)!);
        }
        return parked;
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
