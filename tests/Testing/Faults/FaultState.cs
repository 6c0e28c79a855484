namespace BackendGuide.Testing.Faults;

/// <summary>What is wrong with the way at the moment, for all connections of a proxy.</summary>
internal sealed class FaultState
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _stalled;
    private (byte[] Bytes, TaskCompletionSource Caught)? _trap;
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

    public Task StallBefore(byte[] bytes)
    {
        lock (_gate)
        {
            _trap = (bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return _trap.Value.Caught.Task;
        }
    }

    /// <summary>Stands still where a client is about to send what is waited for.</summary>
    public void Look(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_trap is { } trap && bytes.IndexOf(trap.Bytes) >= 0)
            {
                _trap = null;
                Stall();
                trap.Caught.SetResult();
            }
        }
    }

    public void GoOn()
    {
        lock (_gate)
        {
            _trap = null;
            _stalled?.SetResult();
            _stalled = null;
        }
    }
}
