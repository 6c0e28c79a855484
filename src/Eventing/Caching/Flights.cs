using System.Collections.Concurrent;

namespace BackendGuide.Eventing.Caching;

/// <summary>One load for all who ask for the same at the same time.</summary>
/// <typeparam name="T">What is loaded.</typeparam>
public sealed class Flights<T>
{
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private long _moment;

    /// <summary>A moment, to be compared with when a flight began: what began after it is as new as whatever was known then.</summary>
    public long Now() => Interlocked.Increment(ref _moment);

    /// <summary>Joins the load of a key that is under way, or begins one.</summary>
    /// <param name="key">What is loaded.</param>
    /// <param name="load">Loads it. It goes on for the others when one of them has given up.</param>
    public Flight<T> Join(string key, Func<Task<T>> load)
    {
        ArgumentNullException.ThrowIfNull(load);
        var flight = _running.GetOrAdd(key, static (_, flights) => new Running(flights.Now()), this);
        var isOwn = flight.TryStart();
        if (isOwn)
        {
            _ = FlyAsync(key, flight, load);
        }
        return new Flight<T>(flight.Landed.Task, flight.BegunAt, isOwn);
    }

    private async Task FlyAsync(string key, Running flight, Func<Task<T>> load)
    {
        try
        {
            var loaded = await load();
            _running.TryRemove(new KeyValuePair<string, Running>(key, flight));
            flight.Landed.TrySetResult(loaded);
        }
        catch (Exception e)
        {
            _running.TryRemove(new KeyValuePair<string, Running>(key, flight));
            flight.Landed.TrySetException(e);
        }
    }

    private sealed class Running(long begunAt)
    {
        private int _started;

        public long BegunAt => begunAt;

        public TaskCompletionSource<T> Landed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool TryStart() => Interlocked.Exchange(ref _started, 1) == 0;
    }
}

/// <summary>A load that somebody asked for.</summary>
/// <param name="Landed">What it brings.</param>
/// <param name="BegunAt">The moment when it began.</param>
/// <param name="IsOwn">True for who began it.</param>
public readonly record struct Flight<T>(Task<T> Landed, long BegunAt, bool IsOwn);
