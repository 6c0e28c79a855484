using System.Collections.Concurrent;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Tokens that are cancelled after a time, used again and again: one with its timer for each question to a service would be thrown away
/// unused, as a rule.
/// </summary>
internal sealed class TimeLimits(TimeProvider time)
{
    private const int MostFree = 256; // as many questions as there are at once, and hardly ever more

    private readonly ConcurrentQueue<CancellationTokenSource> _free = new();

    /// <summary>Begins a limit.</summary>
    public CancellationTokenSource Begin(TimeSpan limit)
    {
        // One of no time has to be over at once, which a timer is not.
        if (limit <= TimeSpan.Zero || !_free.TryDequeue(out var free))
        {
            return new CancellationTokenSource(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, time);
        }
        free.CancelAfter(limit);
        return free;
    }

    /// <summary>Ends a limit.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="isAnswered">True where nothing looks at it any more; after a failure something may, and it is used no more.</param>
    public void End(CancellationTokenSource limit, bool isAnswered)
    {
        if (isAnswered && _free.Count < MostFree && limit.TryReset())
        {
            _free.Enqueue(limit);
        }
        else
        {
            limit.Dispose();
        }
    }
}
