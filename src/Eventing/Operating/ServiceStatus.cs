namespace BackendGuide.Eventing.Operating;

/// <summary>What an operator sees of one service's events.</summary>
internal sealed record ServiceStatus(string Service, Guid Epoch, RelayStatus Relay, IReadOnlyList<ConsumerStatus> Consumers);

/// <summary>The way from the event log to the broker.</summary>
/// <param name="Position">Everything up to here is published and confirmed, or parked.</param>
/// <param name="Head">The newest committed position.</param>
/// <param name="Floor">The position up to which events are no longer kept.</param>
/// <param name="LagEvents">How many are not published yet.</param>
/// <param name="LagSeconds">The age of the oldest of them.</param>
/// <param name="Parked">How many could not be published and were set aside.</param>
/// <param name="Leader">The instance that publishes; null where none does at the moment.</param>
internal sealed record RelayStatus(long Position, long Head, long Floor, long LagEvents, double LagSeconds, long Parked, string? Leader);

/// <summary>The way from another service's events to the own copy.</summary>
/// <param name="Name">The consumer's, and its queue's.</param>
/// <param name="Source">Whose events they are.</param>
/// <param name="Epoch">The source's history that is followed; null before the first event.</param>
/// <param name="Position">Everything up to here is applied, or parked.</param>
/// <param name="Head">The source's newest position; this and the lag are null where the source does not answer.</param>
/// <param name="LagEvents">How many are not applied yet.</param>
/// <param name="LagSeconds">The age of the oldest of them.</param>
/// <param name="Parked">How many could not be applied and were set aside.</param>
/// <param name="DeadLettered">Messages that the broker gave up delivering; null where it does not answer.</param>
/// <param name="Leader">The instance that fills holes and makes the copy anew; null where none does at the moment.</param>
/// <param name="Rebuilding">True from when a rebuild is asked for until it is done.</param>
internal sealed record ConsumerStatus(
    string Name,
    string Source,
    Guid? Epoch,
    long Position,
    long? Head,
    long? LagEvents,
    double? LagSeconds,
    long Parked,
    long? DeadLettered,
    string? Leader,
    bool Rebuilding
);

/// <summary>What a consumer's redrive did.</summary>
/// <param name="Applied">Parked events that are applied now.</param>
/// <param name="StillParked">Those that failed again, with their new reason.</param>
/// <param name="DeadLettered">Messages given back from the dead-letter queue to the consumer's.</param>
internal sealed record Redriven(int Applied, int StillParked, int DeadLettered);
