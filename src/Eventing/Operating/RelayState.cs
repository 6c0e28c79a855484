namespace BackendGuide.Eventing.Operating;

/// <summary>What this instance knows of the relay, whoever leads it: the metrics and the health check read it.</summary>
internal sealed class RelayState
{
    private long _refusedSince;

    /// <summary>Committed events that are not published yet.</summary>
    public long LagEvents { get; private set; }

    /// <summary>The age of the oldest of them, in seconds.</summary>
    public double LagSeconds { get; private set; }

    /// <summary>Events that could not be published and were set aside.</summary>
    public long Parked { get; private set; }

    /// <summary>The age of the oldest transaction that keeps the database from cleaning up, in seconds; 0 where there is none.</summary>
    public double OldestSnapshotSeconds { get; private set; }

    /// <summary>How long the broker has confirmed nothing that this instance publishes; zero while it does.</summary>
    public TimeSpan RefusedFor(TimeProvider time) =>
        Volatile.Read(ref _refusedSince) is var since and not 0 ? time.GetElapsedTime(since) : TimeSpan.Zero;

    public void Looked(long lagEvents, double lagSeconds, long parked, double oldestSnapshotSeconds) =>
        (LagEvents, LagSeconds, Parked, OldestSnapshotSeconds) = (lagEvents, lagSeconds, parked, oldestSnapshotSeconds);

    public void Confirmed() => Volatile.Write(ref _refusedSince, 0);

    /// <summary>What the broker did not confirm is another instance's concern from now on.</summary>
    public void StoppedLeading() => Confirmed();

    public void Refused(TimeProvider time) => Interlocked.CompareExchange(ref _refusedSince, time.GetTimestamp(), 0);
}
