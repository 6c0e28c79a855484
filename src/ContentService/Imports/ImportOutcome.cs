namespace BackendGuide.ContentService.Imports;

/// <summary>What became of a guide that was imported.</summary>
internal enum ImportStatus
{
    /// <summary>There was none in this locale.</summary>
    Created,

    /// <summary>
    /// The working copy is another one, or the public reads another one: also where it was withdrawn and is public again, and where it was to be
    /// published later and is now.
    /// </summary>
    Replaced,

    /// <summary>Nothing is other than it was.</summary>
    Unchanged,

    /// <summary>The database refuses it.</summary>
    Rejected,
}

/// <summary>What became of guides that were committed together, or one by one.</summary>
/// <param name="Statuses">One for each guide, in their order.</param>
/// <param name="Sequence">The place in the event log of the last event; null where there is none.</param>
/// <param name="Tags">What answers the events evict.</param>
internal sealed record ImportOutcome(IReadOnlyList<ImportStatus> Statuses, long? Sequence, IReadOnlyList<string> Tags)
{
    public static ImportOutcome Nothing { get; } = new([], null, []);

    public static ImportOutcome OneRejected { get; } = new([ImportStatus.Rejected], null, []);

    public ImportOutcome Then(ImportOutcome next) =>
        new([.. Statuses, .. next.Statuses], next.Sequence ?? Sequence, [.. Tags.Union(next.Tags)]);
}
