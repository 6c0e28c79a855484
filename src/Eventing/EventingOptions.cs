using System.ComponentModel.DataAnnotations;

namespace BackendGuide.Eventing;

/// <summary>
/// The event backbone's settings, from the section <c>Eventing</c> of the service's own (<c>Content:Eventing</c>, <c>Career:Eventing</c>).
/// Checked at start: a service with a value out of bounds does not start, and says which.
/// </summary>
public sealed class EventingOptions
{
    /// <summary>How long one publish may wait for the broker's confirm: 100 ms to 1 min, by default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many events the relay reads at once: 1 to 5,000, by default 500.</summary>
    [Range(1, 5_000)]
    public int RelayBatch { get; set; } = 500;

    /// <summary>How many resources' events are published side by side: 1 to 256, by default 64.</summary>
    [Range(1, 256)]
    public int RelayChains { get; set; } = 64;

    /// <summary>How often the leading relay looks for other instances' commits: 5 ms to 5 s, by default 20 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:05")]
    public TimeSpan RelayPoll { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The most bytes that an event may have on the bus: 64 KiB to 16 MiB, by default 512 KiB. A larger one is parked.</summary>
    [Range(64 * 1024, 16 * 1024 * 1024)]
    public int MaxEventBytes { get; set; } = 512 * 1024;

    /// <summary>How often an event is tried before it is parked, by the relay and by a consumer: 1 to 20, by default 5.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>How many events a consumer takes from the broker ahead of their acks, and so the most it commits at once: 1 to 1,000, by default 64.</summary>
    [Range(1, 1_000)]
    public int Prefetch { get; set; } = 64;

    /// <summary>How long a handler may take for one event: 1 s to 10 min (the broker gives up at 30), by default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan HandlerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a consumer asks its source where the feed is, and says where it is itself: 100 ms to 30 s, by default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan SourcePoll { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a consumer without progress waits for the broker before it reads the source's feed itself: 1 s to 5 min, by default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HoleAge { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often exchanges, queues and bindings are declared again: 1 s to 1 h, by default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan TopologyAudit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the broker may have events while none is delivered, before the bus is restarted, and then before the process ends: 10 s to 1 h,
    /// by default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan ConsumerStall { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>From which lag on the service calls itself Degraded: 1 s to 1 h, by default 30 s. At twice that an alarm is logged.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LagLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How old the oldest transaction of the database may be before an alarm is logged: 1 s to 1 day, by default 5 min. While it lives nothing
    /// that was updated or deleted meanwhile is cleaned up.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SnapshotLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long events are kept for those who follow the feed: at least the 14 days that are promised, which are the default.</summary>
    [Range(typeof(TimeSpan), "14.00:00:00", "36500.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(14);

    /// <summary>After how long without a word a consumer is forgotten, and no longer waited for by the retention: 1 to 3,650 days, by default 30.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan ForgetConsumerAfter { get; set; } = TimeSpan.FromDays(30);
}
