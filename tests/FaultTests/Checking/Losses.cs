namespace BackendGuide.FaultTests.Checking;

/// <summary>What was promised and is gone: an acknowledged write, its row, its event, or the event's delivery.</summary>
internal static class Losses
{
    public static IEnumerable<string> Find(SourceRecords source, IReadOnlyList<SentWrite> writes, IReadOnlyList<Delivery> deliveries)
    {
        SentWrite[] acknowledged = [.. writes.Where(write => write.Version is not null)];
        return [.. WithoutEvent(source, acknowledged), .. WithoutRow(source, acknowledged), .. NotDelivered(source, deliveries)];
    }

    // The marker tells whose state the version has: a version that was given out twice is one lost write.
    private static IEnumerable<string> WithoutEvent(SourceRecords source, IEnumerable<SentWrite> acknowledged)
    {
        var logged = source.Events.ToLookup(e => (e.Subject, (long?)e.Version), e => e.Marker);
        return acknowledged
            .Where(write => !logged[(write.Subject, write.Version)].Contains(write.Marker))
            .Select(write => $"{write.Subject} version {write.Version} ({write.Marker}) was acknowledged and has no event");
    }

    private static IEnumerable<string> WithoutRow(SourceRecords source, IEnumerable<SentWrite> acknowledged)
    {
        var versions = source.Rows.ToDictionary(row => row.Subject, row => row.Version);
        return acknowledged
            .GroupBy(write => write.Subject, write => write.Version!.Value)
            .Where(subject => versions.GetValueOrDefault(subject.Key) < subject.Max())
            .Select(subject =>
                $"{subject.Key} was acknowledged at version {subject.Max()} and is at {versions.GetValueOrDefault(subject.Key)}"
            );
    }

    private static IEnumerable<string> NotDelivered(SourceRecords source, IEnumerable<Delivery> deliveries)
    {
        var delivered = deliveries.Select(delivery => delivery.Id).ToHashSet();
        return source
            .Events.Where(logged => !delivered.Contains(logged.Id))
            .Select(logged => $"{logged.Subject} version {logged.Version} at {source.Source}/{logged.Position} was never delivered");
    }
}
