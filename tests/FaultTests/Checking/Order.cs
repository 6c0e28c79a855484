namespace BackendGuide.FaultTests.Checking;

/// <summary>Breaks of the order of one resource's versions: in the feed, at the probe and in the copy.</summary>
internal static class Order
{
    public static IEnumerable<string> FindBreaks(SourceRecords source, IReadOnlyList<Delivery> deliveries)
    {
        // In the feed each version is the next one; elsewhere it is enough that they ascend, for a copy may skip what is old already.
        var inFeed = Breaks(
            "in the feed",
            source.Events.Select(logged => (logged.Subject, logged.Version)),
            (last, next) => next == last + 1
        );
        // What the broker calls redelivered came before, on a connection that ended before the probe could take note of it.
        var firsts = deliveries
            .DistinctBy(delivery => delivery.Id)
            .Where(delivery => !delivery.Redelivered)
            .Select(delivery => (delivery.Subject, delivery.Version));
        var effects = source.Effects.OrderBy(effect => effect.Order).Select(effect => (effect.Subject, effect.Version));
        return inFeed
            .Concat(Breaks("at the probe", firsts, (last, next) => next > last))
            .Concat(Breaks("in the copy", effects, (last, next) => next >= last)); // an equal one is a duplicate, and counted as such
    }

    private static IEnumerable<string> Breaks(
        string where,
        IEnumerable<(string Subject, long Version)> sequence,
        Func<long, long, bool> follows
    )
    {
        var last = new Dictionary<string, long>();
        foreach (var (subject, version) in sequence)
        {
            if (last.TryGetValue(subject, out var before) && !follows(before, version))
            {
                yield return $"{subject} has version {version} after {before} {where}";
            }
            last[subject] = version;
        }
    }
}
