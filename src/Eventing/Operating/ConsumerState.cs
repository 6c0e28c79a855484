using BackendGuide.Eventing.Consuming;

namespace BackendGuide.Eventing.Operating;

/// <summary>What this instance knows of the consumer, whoever leads: the metrics, the health check and the operators' status read it.</summary>
internal sealed class ConsumerState(string name, string source, string instance)
{
    private long _unknownSince;

    public string Name => name;

    public string Source => source;

    /// <summary>This instance, as it is called where it leads.</summary>
    public string Instance => instance;

    /// <summary>The source's newest position; null where the source has not been heard of.</summary>
    public long? Head { get; private set; }

    /// <summary>Events of the source that are not applied yet; null where the source does not answer.</summary>
    public long? LagEvents { get; private set; }

    /// <summary>The age of the oldest of them, in seconds.</summary>
    public double? LagSeconds { get; private set; }

    /// <summary>
    /// Events that the broker has confirmed and that are not applied yet; null where the source or the own database does not answer.
    /// </summary>
    public long? Undelivered { get; private set; }

    /// <summary>Events that could not be applied and were set aside.</summary>
    public long Parked { get; set; }

    /// <summary>Messages in the dead-letter queue; null where the broker does not answer.</summary>
    public long? DeadLetters { get; set; }

    /// <summary>What is wrong with the broker's queues; null while they are as they must be, or nobody knows.</summary>
    public string? TopologyFault { get; set; }

    /// <summary>How long the source has not answered; zero while it does.</summary>
    public TimeSpan UnknownFor(TimeProvider time) =>
        Volatile.Read(ref _unknownSince) is var since and not 0 ? time.GetElapsedTime(since) : TimeSpan.Zero;

    public void Looked(Progress? progress, SourceChanges feed, TimeProvider time)
    {
        Volatile.Write(ref _unknownSince, 0);
        var behind = progress is null || progress.Epoch != feed.Epoch ? feed.Head : feed.Head - progress.Contiguous;
        Head = feed.Head;
        Undelivered = Math.Max(0, (feed.Published ?? 0) - (feed.Head - behind));
        LagEvents = Math.Max(0, behind);
        LagSeconds = behind > 0 && feed.Next is { } next ? Math.Max(0, (time.GetUtcNow().UtcDateTime - next).TotalSeconds) : 0;
    }

    /// <summary>The source does not answer: how far behind this is, nobody knows.</summary>
    public void Unknown(TimeProvider time)
    {
        Interlocked.CompareExchange(ref _unknownSince, time.GetTimestamp(), 0);
        (LagEvents, LagSeconds, Undelivered) = (null, null, null);
    }
}
