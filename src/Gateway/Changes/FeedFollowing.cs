namespace BackendGuide.Gateway.Changes;

/// <summary>Follows the sources for as long as anybody streams, once for all of them.</summary>
internal sealed class FeedFollowing(IReadOnlyList<SourceFeed> feeds) : BackgroundService
{
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly Lock _gate = new();
    private CancellationTokenSource? _following;
    private int _streams;

    /// <summary>How many streams are open.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Counts a stream in; disposing what is returned counts it out.</summary>
    public IDisposable Join()
    {
        lock (_gate)
        {
            if (++_streams == 1)
            {
                _wanted.Release();
            }
        }
        return new Membership(this);
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
            using var following = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            lock (_gate)
            {
                if (_streams == 0)
                {
                    continue; // it left before this was awake
                }
                _following = following;
            }
            await Task.WhenAll(feeds.Select(feed => feed.FollowAsync(following.Token)))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_gate)
            {
                _following = null;
            }
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_streams == 0)
            {
                _following?.Cancel();
            }
        }
    }

    private sealed class Membership(FeedFollowing following) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                following.Leave();
            }
        }
    }
}
