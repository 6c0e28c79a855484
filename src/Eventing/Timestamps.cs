namespace BackendGuide.Eventing;

/// <summary>The clock as PostgreSQL keeps it.</summary>
public static class Timestamps
{
    /// <summary>
    /// The time in UTC, cut to the microseconds that a <c>timestamptz</c> holds, so that what is answered now is what is read later.
    /// </summary>
    public static DateTime UtcNowInMicroseconds(this TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
