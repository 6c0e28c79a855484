using BackendGuide.FaultTests.Checking;

namespace BackendGuide.FaultTests.Episodes;

/// <summary>When the whole way works again: from a write at the gateway to the other service's copy.</summary>
internal static class Recovery
{
    /// <summary>
    /// From the end of the fault until the first write that was sent after it is applied in the other service's copy; null where none is.
    /// </summary>
    public static TimeSpan? Find(IEnumerable<SentWrite> writes, IEnumerable<Effect> effects, DateTimeOffset end)
    {
        var oldest = writes
            .Where(write => write.Version is not null && write.SentAt >= end)
            .GroupBy(write => write.Subject, write => write.Version!.Value)
            .ToDictionary(subject => subject.Key, subject => subject.Min());
        // A later version has the older one's place.
        return effects
            .Where(effect => oldest.TryGetValue(effect.Subject, out var version) && effect.Version >= version)
            .Select(effect => (TimeSpan?)(effect.At - end))
            .Min();
    }
}
