using System.Diagnostics;

namespace BackendGuide.Testing;

/// <summary>Waits for what will come by asking for it, up to a deadline: never by sleeping and hoping.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Asks until the answer is true.</summary>
    /// <exception cref="TimeoutException"><paramref name="deadline"/> passed; the message has <paramref name="what"/> was waited for.</exception>
    public static Task TrueAsync(Func<Task<bool>> probe, TimeSpan deadline, string what, CancellationToken cancellationToken) =>
        EqualAsync(true, probe, deadline, what, cancellationToken);

    /// <summary>Asks until it is as many as <paramref name="expected"/>: how many there are to come says nothing of how long one may take.</summary>
    /// <exception cref="TimeoutException"><paramref name="deadline"/> passed since there were last more; the message has how many there were.</exception>
    public static async Task CountedAsync(
        long expected,
        Func<Task<long>> probe,
        TimeSpan deadline,
        string what,
        CancellationToken cancellationToken
    )
    {
        for (var counted = await probe(); counted != expected; )
        {
            var last = counted;
            await TrueAsync(
                async () => (counted = await probe()) > last || counted == expected,
                deadline,
                $"{what}, of which there are {last} of {expected}",
                cancellationToken
            );
        }
    }

    /// <summary>Asks until the answer is <paramref name="expected"/>.</summary>
    /// <returns>The answer.</returns>
    /// <exception cref="TimeoutException"><paramref name="deadline"/> passed; the message has the last answer.</exception>
    public static async Task<T> EqualAsync<T>(
        T expected,
        Func<Task<T>> probe,
        TimeSpan deadline,
        string what,
        CancellationToken cancellationToken
    )
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var observed = await probe();
            if (EqualityComparer<T>.Default.Equals(observed, expected))
            {
                return observed;
            }
            if (since.Elapsed > deadline)
            {
                throw new TimeoutException(
                    $"{what}: not within {deadline.TotalSeconds:0.###} s. Expected {expected}, last observed {observed}."
                );
            }
            await Task.Delay(Pause, cancellationToken);
        }
    }
}
