using System.ComponentModel.DataAnnotations;

namespace BackendGuide.Gateway.Freshness;

/// <summary>When the gateway says that changes are seen too late; from <c>Gateway:Freshness</c>, checked at start.</summary>
internal sealed class FreshnessOptions
{
    /// <summary>How late the p99 of a minute's changes may be: 10 ms to 1 min, by default the promised 100 ms. Three minutes over it are an alarm.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan Bound { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many changes a minute must have before its p99 says anything: 1 to 1,000,000, by default 100.</summary>
    [Range(1, 1_000_000)]
    public int Enough { get; set; } = 100;

    /// <summary>How old one change may get before it is seen: 1 s to 1 h, by default the promised 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(60);
}
