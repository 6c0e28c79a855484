namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Lets go of what is too old to be given out, stale too: what many asked for once and nobody since would else stay until there is no room.
/// </summary>
internal sealed class AnswerSweep(AnswerStore store, TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>How long an answer may stay that nobody is given any more.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private ITimer? _beat;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _beat = time.CreateTimer(static kept => ((AnswerStore)kept!).RemoveOlder(KeptAnswers.Limit), store, Interval, Interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _beat?.Dispose();
}
