namespace BackendGuide.FaultTests.Checking;

/// <summary>The one judge of all runs, and of the negative controls: pure functions over what was recorded.</summary>
internal static class Checker
{
    public static Verdict Check(Observation observed)
    {
        var deliveries = observed.Sources.ToDictionary(source => source.Source, source => DeliveriesOf(observed, source));
        return new Verdict(
            Acknowledged: observed.Writes.Count(write => write.Version is not null),
            Unknown: observed.Writes.Count(write => write.Version is null),
            Events: observed.Sources.Sum(source => source.Events.Count),
            DuplicatesDelivered: deliveries.Values.Sum(came => came.Count - came.Select(delivery => delivery.Id).Distinct().Count()),
            Lost: Collect(source => Losses.Find(source, WritesOf(observed, source), deliveries[source.Source])),
            Holes: Collect(Holes.Find),
            OrderBreaks: Collect(source => Order.FindBreaks(source, deliveries[source.Source])),
            DuplicateEffects: Collect(DuplicateEffects),
            Ghosts: Collect(source => Ghosts(source, deliveries[source.Source])),
            Differing: Collect(Differing),
            Stale: Collect(Stale),
            Unannounced: observed.Announcements is { } said ? Collect(source => Unannounced(source, said)) : null,
            SetAside: [.. observed.SetAside.Where(aside => aside.Count != 0).Select(aside => $"{aside.Where} has {aside.Count} events")]
        );

        string[] Collect(Func<SourceRecords, IEnumerable<string>> find) => [.. observed.Sources.SelectMany(find)];
    }

    private static SentWrite[] WritesOf(Observation observed, SourceRecords source) =>
        [.. observed.Writes.Where(write => write.Source == source.Source)];

    // A late duplicate of an event that an earlier run has checked says nothing of this one.
    private static List<Delivery> DeliveriesOf(Observation observed, SourceRecords source)
    {
        var before = source.Events.Count == 0 ? source.Head : source.Events[0].Position - 1;
        return [.. observed.Deliveries.Where(delivery => delivery.Source == source.Source && delivery.Position > before)];
    }

    private static IEnumerable<string> DuplicateEffects(SourceRecords source) =>
        source
            .Effects.CountBy(effect => (effect.Subject, effect.Version))
            .Where(count => count.Value > 1)
            .Select(count => $"{count.Key.Subject} version {count.Key.Version} changed the copy {count.Value} times");

    private static IEnumerable<string> Ghosts(SourceRecords source, IEnumerable<Delivery> deliveries)
    {
        var committed = source
            .Events.Select(logged => (logged.Id, logged.Position, logged.Subject, logged.Version, source.Epoch))
            .ToHashSet();
        return deliveries
            .Where(came => !committed.Contains((came.Id, came.Position, came.Subject, came.Version, came.Epoch)))
            .Select(came => $"{came.Subject} version {came.Version} was delivered as {source.Source}/{came.Position}, which it is not")
            .Distinct();
    }

    private static IEnumerable<string> Differing(SourceRecords source)
    {
        var rows = source.Rows.ToDictionary(row => row.Subject);
        var copy = source.Copy.ToDictionary(row => row.Subject);
        return rows
            .Keys.Union(copy.Keys)
            .Where(subject => rows.GetValueOrDefault(subject) != copy.GetValueOrDefault(subject))
            .Select(subject => $"{subject} is {Say(rows, subject)} in the source and {Say(copy, subject)} in the copy");
    }

    private static IEnumerable<string> Stale(SourceRecords source)
    {
        var versions = source.Rows.ToDictionary(row => row.Subject, row => row.Version);
        return source
            .Served.Where(served =>
                versions.TryGetValue(served.Subject, out var version) ? served.Version != version : served.Version is not null
            )
            .Select(served =>
                $"{served.Subject} is read as {served.Answer} and is at version {versions.GetValueOrDefault(served.Subject)} in the source"
            )
            .Distinct();
    }

    private static IEnumerable<string> Unannounced(SourceRecords source, IReadOnlyList<Announcement> said) =>
        source.Events.Count == 0
            ? []
            : Announcement
                .Missing(said, source.Source, source.Events[0].Position - 1, source.Head)
                .Select(missing => $"{missing.By} never announced {source.Source}/{missing.Position}");

    private static string Say(Dictionary<string, StateRow> rows, string subject) =>
        rows.TryGetValue(subject, out var row) ? $"version {row.Version} ({row.Hash})" : "missing";
}
