namespace BackendGuide.Eventing.Relaying;

/// <summary>Wakes this process's relay after a commit, so that an event leaves at once instead of at the next poll.</summary>
public sealed class RelaySignal : IDisposable
{
    private readonly SemaphoreSlim _woken = new(0, 1);

    /// <summary>Says that something was committed. Any number of calls before the relay looks are one.</summary>
    public void Wake()
    {
        if (_woken.CurrentCount > 0)
        {
            return; // awake: it will see this commit too
        }
        try
        {
            _woken.Release();
        }
        catch (SemaphoreFullException)
        {
            return; // somebody else was faster
        }
    }

    /// <inheritdoc />
    public void Dispose() => _woken.Dispose();

    /// <summary>True when woken, false after <paramref name="atMost"/>.</summary>
    internal Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _woken.WaitAsync(atMost, cancellationToken);
}
