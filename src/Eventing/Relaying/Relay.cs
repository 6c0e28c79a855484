using BackendGuide.Eventing.Bus;
using BackendGuide.Eventing.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Relaying;

/// <summary>
/// Takes committed events from the feed to RabbitMQ. Every instance runs it and one leads; what is published twice (after a crash, or by
/// a leader that was stopped and woke up) is absorbed by the consumers' version guards.
/// <list type="number">
/// <item>Take the leadership, or try again in a second.</item>
/// <item>Read the next events after the cursor, outside any transaction, and check that they are dense.</item>
/// <item>Publish: one chain per resource, in order; chains side by side; each event mandatory, and confirmed within a time limit.</item>
/// <item>Move the cursor over the confirmed prefix by compare-and-set; a cursor that is elsewhere means that another leads.</item>
/// <item>Wait for a commit of this process, or for the next poll.</item>
/// </list>
/// </summary>
internal sealed partial class Relay(
    RelayDatabase database,
    Feed feed,
    EventPublisher publisher,
    RelaySignal signal,
    TimeProvider time,
    ILogger<Relay> logger
) : BackgroundService
{
    private const int BatchSize = 500;
    private const int MaxChainsInFlight = 64;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ElectionInterval = TimeSpan.FromSeconds(1);

    private readonly RelayCursor _cursor = new(database.Pooled);
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await publisher.WaitUntilReadyAsync(stoppingToken);
                await using var leadership = await RelayLeadership.TryAcquireAsync(database.Unpooled, time, stoppingToken);
                if (leadership is not null)
                {
                    LeadershipTaken();
                    await LeadAsync(leadership.Lost);
                }
                await Task.Delay(ElectionInterval, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                // Stopping, or the leadership is lost: the loop's condition tells which.
            }
            catch (NpgsqlException e)
            {
                await PauseAsync(pause => DatabaseAway(e, pause), stoppingToken);
            }
            catch (Exception e)
            {
                // A hole, or a row that cannot be read: nothing after it may be published. The service itself goes on.
                await PauseAsync(pause => Stuck(e, pause), stoppingToken);
            }
        }
    }

    private async Task PauseAsync(Action<TimeSpan> say, CancellationToken stoppingToken)
    {
        var pause = _backoff.Next();
        say(pause);
        await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task LeadAsync(CancellationToken lost)
    {
        var position = await _cursor.ReadAsync(lost);
        var batchSize = 1; // the first goes alone: where no consumer has declared its queue yet, one return says so as well as 500
        while (!lost.IsCancellationRequested)
        {
            var batch = await feed.ReadAsync(position, batchSize, lost);
            if (batch.Count == 0)
            {
                await signal.WaitAsync(PollInterval, lost);
                continue;
            }
            EnsureDense(position, batch);
            var confirmed = await PublishAsync(batch, lost);
            if (confirmed > position)
            {
                if (!await _cursor.MoveAsync(position, confirmed, lost))
                {
                    CursorMovedElsewhere(position, confirmed);
                    return;
                }
                position = confirmed;
                batchSize = BatchSize;
                _backoff.Reset();
            }
            if (confirmed < batch[^1].Position)
            {
                await Task.Delay(_backoff.Next(), time, lost);
            }
        }
    }

    /// <summary>The last position of the longest prefix that is confirmed; one before the first where nothing is.</summary>
    private async Task<long> PublishAsync(IReadOnlyList<FeedEntry> batch, CancellationToken lost)
    {
        var unconfirmed = new bool[batch.Count];
        Array.Fill(unconfirmed, true);
        var chains = batch.Index().GroupBy(e => e.Item.AggregateId);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxChainsInFlight, CancellationToken = lost };
        await Parallel.ForEachAsync(
            chains,
            parallel,
            async (chain, cancellationToken) =>
            {
                foreach (var (index, entry) in chain)
                {
                    if (await publisher.TryPublishAsync(entry.Event, cancellationToken) is { } failure)
                    {
                        NotConfirmed(entry.Position, entry.Event.Type, failure.Message);
                        return; // what follows in this chain must not overtake it
                    }
                    unconfirmed[index] = false;
                }
            }
        );
        var first = Array.IndexOf(unconfirmed, true);
        return first < 0 ? batch[^1].Position : batch[first].Position - 1;
    }

    private static void EnsureDense(long after, IReadOnlyList<FeedEntry> batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch[i].Position != after + 1 + i)
            {
                throw new InvalidOperationException(
                    $"The feed has a hole: position {after + 1 + i} is missing before {batch[i].Position}. Nothing after it is published."
                );
            }
        }
    }

    [LoggerMessage(10, LogLevel.Information, "This instance leads the relay")]
    private partial void LeadershipTaken();

    [LoggerMessage(11, LogLevel.Warning, "The relay cannot reach its database, next try in {Pause}")]
    private partial void DatabaseAway(Exception exception, TimeSpan pause);

    [LoggerMessage(14, LogLevel.Critical, "The relay cannot go on, next try in {Pause}")]
    private partial void Stuck(Exception exception, TimeSpan pause);

    [LoggerMessage(12, LogLevel.Warning, "Another relay has moved the cursor from {From} (this one was to set {To}): leadership given up")]
    private partial void CursorMovedElsewhere(long from, long to);

    [LoggerMessage(
        13,
        LogLevel.Warning,
        "The event at position {Position} ({EventType}) is not confirmed yet and is tried again: {Reason}"
    )]
    private partial void NotConfirmed(long position, string eventType, string reason);
}
