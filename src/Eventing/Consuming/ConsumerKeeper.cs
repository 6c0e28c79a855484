using BackendGuide.Eventing.Operating;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Consuming;

/// <summary>
/// Sees to it that the copy gets everything, whatever the broker lost: every instance compares the consumer's position with the source's
/// feed, and the one that leads reads from the feed what has not come by itself, or makes the copy anew where the feed no longer reaches
/// back that far, or is of another epoch, or an operator asked for it.
/// </summary>
internal sealed partial class ConsumerKeeper(
    string consumer,
    ISourceFeed source,
    EventApplier applier,
    EventInbox inbox,
    ProjectionCopy? copy,
    EventingDatabase database,
    NpgsqlDataSource copies,
    ConsumerState state,
    EventingOptions options,
    TimeProvider time,
    ILogger<ConsumerKeeper> logger
) : BackgroundService
{
    private const int PageSize = 500;
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5));
    private long _lastContiguous = -1;
    private long _since;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Leadership? leadership = null;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var pause = options.SourcePoll;
                try
                {
                    if (leadership is { Lost.IsCancellationRequested: true })
                    {
                        await leadership.DisposeAsync();
                        leadership = null;
                    }
                    leadership ??= await Leadership.TryAcquireAsync(
                        database.Unpooled,
                        Leadership.Consumer,
                        state.Instance,
                        time,
                        stoppingToken
                    );
                    await LookAsync(leadership?.Lost, stoppingToken);
                    _backoff.Reset();
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    pause = _backoff.Next();
                    state.Unknown(time);
                    Failed(e, consumer, pause);
                }
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            if (leadership is not null)
            {
                await leadership.DisposeAsync();
            }
        }
    }

    private async Task LookAsync(CancellationToken? leading, CancellationToken stoppingToken)
    {
        var progress = await applier.Progress.ReadAsync(database.Pooled, stoppingToken);
        var feed = await source.ReadAsync(consumer, progress?.Contiguous ?? 0, 0, stoppingToken);
        state.Looked(progress, feed, time);
        // The progress was read before the head: in one history it cannot be ahead.
        var rewound = progress is not null && progress.Epoch == feed.Epoch && progress.Seen > feed.Head;
        if (leading is not { } lost)
        {
            return;
        }
        if (progress is null || progress.Epoch != feed.Epoch)
        {
            await applier.Progress.BeginEpochAsync(copies, feed.Epoch, lost);
            FollowsEpoch(consumer, feed.Epoch);
        }
        progress = (await applier.Progress.ReadAsync(database.Pooled, lost))!;
        applier.Beat(progress);
        if (rewound)
        {
            Rewound(consumer, progress.Seen, feed.Head);
        }
        if (rewound || progress.Resync || progress.Contiguous < feed.Floor)
        {
            await ResyncAsync(progress, feed, rewound, lost);
        }
        else if (progress.Contiguous < feed.Head && IsStuck(progress.Contiguous))
        {
            await FillAsync(progress, feed.Head, lost);
        }
        else if (progress.Contiguous >= feed.Head)
        {
            _lastContiguous = -1;
        }
    }

    // Time only counts while there is something to come and nothing does: a queue that drains is left alone.
    private bool IsStuck(long contiguous)
    {
        if (contiguous != _lastContiguous)
        {
            _lastContiguous = contiguous;
            _since = time.GetTimestamp();
        }
        return time.GetElapsedTime(_since) >= options.HoleAge;
    }

    private async Task ResyncAsync(Progress progress, SourceChanges feed, bool rewound, CancellationToken lost)
    {
        Resyncing(consumer, progress.Contiguous, feed.Floor, feed.Head);
        if (copy is null)
        {
            // Nothing is kept that could be made anew: what is no longer in the feed is past.
            await applier.ForgoAsync(feed.Epoch, feed.Floor, lost);
            return;
        }
        if (await copy.ResyncAsync(rewound, lost))
        {
            await applier.AnnounceAnewAsync(CancellationToken.None); // it is committed, whoever leads now
            Resynced(consumer);
        }
    }

    private async Task FillAsync(Progress progress, long head, CancellationToken lost)
    {
        Filling(consumer, progress.Contiguous, head);
        for (var after = progress.Contiguous; after < head; )
        {
            var page = await source.ReadAsync(consumer, after, PageSize, lost);
            if (page.Epoch != progress.Epoch || page.Items.Count == 0)
            {
                return; // the next look sees what is to be done
            }
            state.Looked(await applier.Progress.ReadAsync(database.Pooled, lost), page, time);
            after = page.Items[^1].Position;
            var missing = await applier.Progress.FindMissingAsync(database.Pooled, page.Items.Select(item => item.Position), lost);
            var items = page.Items.Where(item => missing.Contains(item.Position)).ToList();
            if (items.Count == 0)
            {
                continue;
            }
            foreach (var parked in items.Where(item => item.Event is null))
            {
                await applier.SkipAsync(page.Epoch, parked.Position, parked.Position, lost);
            }
            await inbox.FillAsync([.. items.Select(item => item.Event).OfType<Contracts.CloudEvent>()], lost);
            EventingMetrics.FilledEvents.Add(items.Count, new KeyValuePair<string, object?>("consumer", consumer));
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "{Consumer} cannot look after its copy, next try in {Pause}")]
    private partial void Failed(Exception exception, string consumer, TimeSpan pause);

    [LoggerMessage(41, LogLevel.Information, "{Consumer} follows the epoch {Epoch} of its source from now on")]
    private partial void FollowsEpoch(string consumer, Guid epoch);

    [LoggerMessage(42, LogLevel.Warning, "{Consumer} makes its copy anew: it was at {Position}, the source keeps {Floor} to {Head}")]
    private partial void Resyncing(string consumer, long position, long floor, long head);

    [LoggerMessage(43, LogLevel.Information, "{Consumer} has made its copy anew")]
    private partial void Resynced(string consumer);

    [LoggerMessage(
        45,
        LogLevel.Critical,
        "{Consumer} has taken {Seen} positions of a source that has {Head}: it was restored without a new epoch. The copy is made anew"
    )]
    private partial void Rewound(string consumer, long seen, long head);

    [LoggerMessage(44, LogLevel.Warning, "{Consumer} reads its source's feed from {Position} to {Head}: the broker did not bring it")]
    private partial void Filling(string consumer, long position, long head);
}
