namespace BackendGuide.Testing.Faults;

/// <summary>What is wrong with the way at the moment, for all connections of a proxy.</summary>
internal sealed class FaultState
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _stalled;
    private long _latency;

    public bool IsCut
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    public TimeSpan Latency
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _latency));
        set => Interlocked.Exchange(ref _latency, value.Ticks);
    }

    /// <summary>Completes at once, or when what stands still goes on.</summary>
    public Task Passable
    {
        get
        {
            lock (_gate)
            {
                return _stalled?.Task ?? Task.CompletedTask;
            }
        }
    }

    public void Stall()
    {
        lock (_gate)
        {
            _stalled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void GoOn()
    {
        lock (_gate)
        {
            _stalled?.SetResult();
            _stalled = null;
        }
    }
}
