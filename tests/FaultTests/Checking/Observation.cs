namespace BackendGuide.FaultTests.Checking;

/// <summary>All that was recorded of one source in one run, after the drain.</summary>
/// <param name="Source"><c>/content</c> or <c>/career</c>.</param>
/// <param name="Epoch">Which of its histories the source is in.</param>
/// <param name="Floor">The feed's floor: what is at or below it was removed on purpose.</param>
/// <param name="Positions">Every position of the feed, ascending.</param>
/// <param name="Unpositioned">Committed events without a position.</param>
/// <param name="Events">The events of this run by position; earlier ones were checked before.</param>
/// <param name="Contiguous">How far the other service has taken this source's feed without a gap.</param>
/// <param name="Effects">The real changes of the other service's copy in this run.</param>
/// <param name="Rows">What the source's own tables say now.</param>
/// <param name="Copy">What the other service's copy says now.</param>
internal sealed record SourceRecords(
    string Source,
    Guid Epoch,
    long Floor,
    IReadOnlyList<long> Positions,
    long Unpositioned,
    IReadOnlyList<LoggedEvent> Events,
    long Contiguous,
    IReadOnlyList<Effect> Effects,
    IReadOnlyList<StateRow> Rows,
    IReadOnlyList<StateRow> Copy
)
{
    /// <summary>What the gateway answers for the source's resources after the drain; none where nobody asked.</summary>
    public IReadOnlyList<ServedVersion> Served { get; init; } = [];

    /// <summary>The feed's newest position; its floor where it is empty.</summary>
    public long Head => Positions.Count == 0 ? Floor : Positions[^1];
}

/// <summary>All that was recorded in one run.</summary>
/// <param name="Writes">Every write that was sent.</param>
/// <param name="Deliveries">What the probe got, in the order in which it came; of earlier runs as well.</param>
/// <param name="Sources">Each source.</param>
internal sealed record Observation(
    IReadOnlyList<SentWrite> Writes,
    IReadOnlyList<Delivery> Deliveries,
    IReadOnlyList<SourceRecords> Sources
)
{
    /// <summary>What was announced; null where whoever listened was cut off meanwhile, and cannot say.</summary>
    public IReadOnlyList<Announcement>? Announcements { get; init; }

    /// <summary>The events that are parked, unpublished or dead-lettered, by where they are.</summary>
    public IReadOnlyList<SetAside> SetAside { get; init; } = [];
}
