namespace BackendGuide.Gateway.Freshness;

/// <summary>The delays of the last hour, by the minute. Not to be used by two at once.</summary>
internal sealed class DelayWindow
{
    public const int Minutes = 60;

    private readonly (long Minute, DelayHistogram Delays)[] _minutes =
    [
        .. Enumerable.Range(0, Minutes).Select(_ => (-1L, new DelayHistogram())),
    ];

    public void Add(DateTimeOffset now, double milliseconds)
    {
        var minute = MinuteOf(now);
        ref var slot = ref _minutes[minute % Minutes];
        if (slot.Minute != minute)
        {
            slot.Delays.Clear();
            slot.Minute = minute;
        }
        slot.Delays.Add(milliseconds);
    }

    /// <summary>All of the last minutes together; the present one counts as the first.</summary>
    public DelayHistogram Of(DateTimeOffset now, int minutes)
    {
        var all = new DelayHistogram();
        foreach (var (minute, delays) in _minutes)
        {
            if (minute > MinuteOf(now) - minutes && minute <= MinuteOf(now))
            {
                all.Add(delays);
            }
        }
        return all;
    }

    /// <summary>One minute that is over: 1 for the last one.</summary>
    public DelayHistogram Past(DateTimeOffset now, int ago)
    {
        var minute = MinuteOf(now) - ago;
        var (of, delays) = _minutes[minute % Minutes];
        return of == minute ? delays : new DelayHistogram();
    }

    private static long MinuteOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;
}
