using System.Collections.Concurrent;
using BackendGuide.Eventing.Following;
using Microsoft.Extensions.Caching.Memory;

namespace BackendGuide.Gateway.Changes;

/// <summary>
/// One source's feed as this gateway hands it on: the newest events in memory for all who follow, older ones in blocks that are read once for
/// all and kept while there is room, for what was committed does not change. Any number of readers that wait cost the source one question.
/// </summary>
internal sealed class SourceFeed(string source, string service, FeedClient client, TimeProvider time) : IDisposable
{
    private const int TailEvents = 2_048;
    private const long TailBytes = 16 * 1024 * 1024;
    private const int BlockEvents = 1_000; // as many as a source gives at once
    private const int PageEvents = 1_000;
    private const long BlockBytes = 32 * 1024 * 1024;
    private static readonly TimeSpan PauseWhileAway = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostRecalled = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RecallLimit = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _refreshing = new(1);
    private readonly ConcurrentDictionary<(Guid, long), Task<FeedEvent[]>> _loading = new();
    private readonly MemoryCache _blocks = new(
        // What comes when it is full is not kept: room is made for many at once, or every third block would be read twice.
        new MemoryCacheOptions { SizeLimit = BlockBytes, CompactionPercentage = 0.25 }
    );
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FeedView? _view;
    private volatile Absence? _away;
    private long _asked;
    private long _answered;
    private long _recalledAt;

    /// <summary>What its events name as their source.</summary>
    public string Source => source;

    /// <summary>The service behind it.</summary>
    public string Service => service;

    /// <summary>What was seen last, and what completes when there is something else to see; null before the source has ever answered.</summary>
    public (FeedView? View, Task Changed) Look()
    {
        lock (_gate)
        {
            return (_view, _changed.Task);
        }
    }

    /// <summary>
    /// Where the source was not long ago, for who needs a place that is surely not past what comes next: null where nobody can say within
    /// half a second.
    /// </summary>
    public async Task<FeedPosition?> RecallAsync(CancellationToken cancellationToken)
    {
        var view = Look().View;
        var recalled = Volatile.Read(ref _recalledAt);
        if (recalled == 0 || time.GetElapsedTime(recalled) > MostRecalled)
        {
            // Whatever comes of it, once a second: a source that stands still must not make every write of the other one wait.
            Volatile.Write(ref _recalledAt, time.GetTimestamp());
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(RecallLimit);
            try
            {
                view = await RefreshAsync(limit.Token);
            }
            catch (Exception e) when (e is SourceAwayException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // What was seen last is still not past what comes next.
            }
        }
        return view is null ? null : new FeedPosition(view.Epoch, view.Head);
    }

    /// <summary>What the source has at a moment after this call: many who ask at once are one question.</summary>
    /// <exception cref="SourceAwayException">It does not answer.</exception>
    public async Task<FeedView> RefreshAsync(CancellationToken cancellationToken)
    {
        var ticket = Interlocked.Increment(ref _asked);
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            if (Volatile.Read(ref _answered) < ticket)
            {
                var upTo = Volatile.Read(ref _asked);
                await CatchUpAsync(waits: false, cancellationToken);
                Volatile.Write(ref _answered, upTo);
            }
            return Look().View!;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>Keeps the view fresh until it is cancelled: what streams wait for.</summary>
    public async Task FollowAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await CatchUpAsync(waits: true, stopping);
            }
            catch (SourceAwayException)
            {
                await Task.Delay(PauseWhileAway, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Events from after a position on, dense and oldest first: at least one where the view has one.</summary>
    /// <exception cref="SourceAwayException">They are not in memory, and the source does not answer.</exception>
    public async ValueTask<ReadOnlyMemory<FeedEvent>> ReadAsync(FeedView view, long after, CancellationToken cancellationToken)
    {
        if (after >= view.Head)
        {
            return default;
        }
        if (after >= view.TailStart)
        {
            return view.Tail.AsMemory((int)(after - view.TailStart));
        }
        var block = await ReadBlockAsync(view, after / BlockEvents, cancellationToken);
        var from = block.Length == 0 ? 0 : (int)Math.Clamp(after + 1 - block[0].Position, 0, block.Length);
        if (from < block.Length || block.Length == 0)
        {
            return block.AsMemory(from);
        }
        // The block is shorter than its events are many, for they are large.
        var page = await client.ReadAsync(service, after, BlockEvents, waitingIn: null, cancellationToken);
        return page.Epoch == view.Epoch ? page.Events : default;
    }

    public void Dispose()
    {
        _blocks.Dispose();
        _refreshing.Dispose();
    }

    private async Task<FeedEvent[]> ReadBlockAsync(FeedView view, long number, CancellationToken cancellationToken)
    {
        var block = GetBlock(view, number);
        if ((number + 1) * BlockEvents < view.TailStart)
        {
            _ = ReadAheadAsync(view, number + 1);
        }
        // Not the reader's own token: others wait for the same. Who loads it takes it out again, whoever still waits.
        return await block.WaitAsync(cancellationToken);
    }

    // Who reads a block goes on to the next one: the source reads that while this one is sent. Where it fails, the reader finds out by itself.
    private async Task ReadAheadAsync(FeedView view, long number) =>
        await ((Task)GetBlock(view, number)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private Task<FeedEvent[]> GetBlock(FeedView view, long number)
    {
        var key = (view.Epoch, number);
        return _blocks.TryGetValue(key, out FeedEvent[]? kept)
            ? Task.FromResult(kept!)
            : _loading.GetOrAdd(key, _ => LoadBlockAsync(view, number));
    }

    private async Task<FeedEvent[]> LoadBlockAsync(FeedView view, long number)
    {
        await Task.Yield(); // so that it is in the dictionary before it can take itself out
        try
        {
            var page = await client.ReadAsync(service, number * BlockEvents, BlockEvents, waitingIn: null, CancellationToken.None);
            if (page.Epoch != view.Epoch)
            {
                Take(page, page.Head);
                return [];
            }
            var isWhole = page.Head >= (number + 1) * BlockEvents;
            if (isWhole)
            {
                using var entry = _blocks.CreateEntry((view.Epoch, number));
                entry.Size = page.Events.Sum(one => one.Json.Length + 64L);
                entry.Value = page.Events;
            }
            return page.Events;
        }
        finally
        {
            _loading.TryRemove((view.Epoch, number), out _);
        }
    }

    private async Task CatchUpAsync(bool waits, CancellationToken cancellationToken)
    {
        ThrowIfAwayAMomentAgo();
        try
        {
            if (Look().View is null)
            {
                // Only where the feed ends: what came before is read in blocks by who wants it.
                Take(await client.ReadAsync(service, 0, 0, waitingIn: null, cancellationToken), after: 0);
            }
            else
            {
                FeedPage page;
                do
                {
                    var view = Look().View!;
                    page = await client.ReadAsync(service, view.Head, PageEvents, waits ? view.Epoch : null, cancellationToken);
                    Take(page, view.Head);
                } while (page.Events.Length > 0 && page.Events[^1].Position < page.Head);
            }
            _away = null;
        }
        catch (SourceAwayException e)
        {
            _away = new Absence(e, time.GetTimestamp());
            throw;
        }
    }

    // Whoever asks next need not wait for the same time limits again.
    private void ThrowIfAwayAMomentAgo()
    {
        if (_away is { } away && time.GetElapsedTime(away.Since) < PauseWhileAway)
        {
            throw new SourceAwayException(service, away.Reason);
        }
    }

    private void Take(FeedPage page, long after)
    {
        lock (_gate)
        {
            var next = Next(page, after);
            if (next == _view)
            {
                return;
            }
            _view = next;
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private FeedView Next(FeedPage page, long after)
    {
        var isAnother = _view is null || _view.Epoch != page.Epoch || (page.Head < _view.Head && after >= _view.Head);
        // Nobody has followed for long: the way to the head is not worth going step by step.
        if (isAnother || page.Head - _view!.Head > TailEvents)
        {
            return new FeedView(page.Epoch, page.Floor, page.Head, []);
        }
        var view = _view;
        var news = page.Events.SkipWhile(one => one.Position <= view.Head).ToArray();
        if (news.Length == 0 || news[0].Position != view.Head + 1)
        {
            return page.Floor > view.Floor ? view with { Floor = page.Floor } : view;
        }
        return new FeedView(page.Epoch, page.Floor, news[^1].Position, Newest([.. view.Tail, .. news]));
    }

    private static FeedEvent[] Newest(FeedEvent[] events)
    {
        var (first, bytes) = (events.Length, 0L);
        while (first > 0 && events.Length - first < TailEvents && bytes < TailBytes)
        {
            bytes += events[--first].Json.Length;
        }
        return events[first..];
    }

    private sealed record Absence(SourceAwayException Reason, long Since);
}
