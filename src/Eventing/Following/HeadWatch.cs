using BackendGuide.Eventing.Log;
using Microsoft.Extensions.Hosting;

namespace BackendGuide.Eventing.Following;

/// <summary>
/// Tells whoever waits that the feed has grown, by any instance's commit: one look every 20 ms for all of them together, and none while nobody
/// waits.
/// </summary>
internal sealed class HeadWatch(Feed feed, EventingOptions options, TimeProvider time) : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wanted = new(0, 1);
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private FeedEnds? _last;

    /// <summary>Returns when the feed is past the position or of another epoch than it was, or after <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(Guid epoch, long after, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(atMost);
        lock (_gate)
        {
            // What was seen before the first of those who wait is as old as their predecessors.
            _last = Interlocked.Increment(ref _waiting) == 1 ? null : _last;
        }
        try
        {
            while (true)
            {
                Task grown;
                lock (_gate)
                {
                    if (_last is { } last && (last.Epoch != epoch || last.Head > after))
                    {
                        return;
                    }
                    grown = _grown.Task;
                }
                Wake();
                await grown.WaitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return; // nothing came in time, which is an answer too
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _wanted.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await _wanted.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (Volatile.Read(ref _waiting) > 0 && !stoppingToken.IsCancellationRequested)
            {
                await LookAsync(stoppingToken);
                await Task.Delay(options.RelayPoll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            var ends = await feed.ReadEndsAsync(stoppingToken);
            lock (_gate)
            {
                if (ends != _last)
                {
                    _last = ends;
                    _grown.TrySetResult();
                    _grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception)
        {
            // Whatever it is, whoever waits finds out by the question that follows the wait.
            await Task.Delay(TimeSpan.FromMilliseconds(500), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Wake()
    {
        if (_wanted.CurrentCount == 0)
        {
            try
            {
                _wanted.Release();
            }
            catch (SemaphoreFullException)
            {
                return; // awake already
            }
        }
    }
}
