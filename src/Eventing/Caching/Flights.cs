using System.Collections.Concurrent;

namespace BackendGuide.Eventing.Caching;

/// <summary>One load for all who ask for the same at the same time.</summary>
/// <typeparam name="T">What is loaded.</typeparam>
public sealed class Flights<T>
{
    // Few at a time, and each comes and goes: as many locks as a dictionary of few would have are too few.
    private readonly ConcurrentDictionary<string, Running> _running = new(concurrencyLevel: 64, capacity: 256, StringComparer.Ordinal);
    private long _moment;

    /// <summary>A moment, to be compared with when a flight began: what began after it is as new as whatever was known then.</summary>
    public long Now() => Interlocked.Increment(ref _moment);

    /// <summary>Joins the load of a key that is under way, or begins one.</summary>
    /// <param name="key">What is loaded.</param>
    /// <param name="load">Loads it. It goes on for the others when one of them has given up.</param>
    public Flight<T> Join(string key, Func<Task<T>> load)
    {
        ArgumentNullException.ThrowIfNull(load);
        return Join(key, load, static load => load());
    }

    /// <summary>Joins the load of a key that is under way, or begins one.</summary>
    /// <typeparam name="TState">What the load needs to know: so it need be no object of its own.</typeparam>
    /// <param name="key">What is loaded.</param>
    /// <param name="state">Handed to the load.</param>
    /// <param name="load">Loads it. It goes on for the others when one of them has given up.</param>
    public Flight<T> Join<TState>(string key, TState state, Func<TState, Task<T>> load)
    {
        ArgumentNullException.ThrowIfNull(load);
        var flight = _running.GetOrAdd(key, static (_, flights) => new Running(flights.Now()), this);
        // Who began it goes on with it, and need not be told by another thread that it has landed.
        return flight.TryStart()
            ? new Flight<T>(FlyAsync(key, flight, state, load), flight.BegunAt, IsOwn: true)
            : new Flight<T>(flight.Landed.Task, flight.BegunAt, IsOwn: false);
    }

    private async Task<T> FlyAsync<TState>(string key, Running flight, TState state, Func<TState, Task<T>> load)
    {
        try
        {
            var loaded = await load(state);
            _running.TryRemove(new KeyValuePair<string, Running>(key, flight));
            flight.Landed.TrySetResult(loaded);
            return loaded;
        }
        catch (Exception e)
        {
            _running.TryRemove(new KeyValuePair<string, Running>(key, flight));
            flight.Landed.TrySetException(e);
            _ = flight.Landed.Task.Exception; // where nobody else waits for it nobody need see it
            throw;
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
