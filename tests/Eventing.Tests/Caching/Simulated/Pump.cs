namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>Runs what is awaited on one thread, a piece at a time, and only when it is told which: so that a seed decides the order of all.</summary>
internal sealed class Pump : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Go, object? State)> _ready = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;

    /// <summary>How many pieces could go on now.</summary>
    public int Ready => _ready.Count;

    /// <summary>True where something left the thread: then the seed does not decide the order.</summary>
    public bool HasStrayed { get; private set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_ready)
        {
            HasStrayed |= Environment.CurrentManagedThreadId != _thread;
            _ready.Add((d, state));
        }
    }

    public void Go(int index)
    {
        var (go, state) = _ready[index];
        _ready.RemoveAt(index);
        go(state);
    }

    /// <summary>Does something with this as what it is awaited by.</summary>
    public void Within(Action action)
    {
        var outside = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(outside);
        }
    }
}
