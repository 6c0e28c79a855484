using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BackendGuide.Eventing;

/// <summary>What the event backbone measures of itself, and where its spans come from.</summary>
internal static class EventingMetrics
{
    public const string Name = "BackendGuide.Eventing";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter s_meter = new(Name);

    /// <summary>How long each commit waited for its position. Where its p99 passes 20 ms, the database has reached the limit of commit-time positions.</summary>
    public static readonly Histogram<double> FeedLockWait = s_meter.CreateHistogram<double>(
        "feed_lock_wait",
        "ms",
        "How long a commit waited for its position in the feed",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 2000] }
    );

    /// <summary>Events of a history that the source no longer has (it was restored), dropped by a consumer.</summary>
    public static readonly Counter<long> StaleEpochEvents = s_meter.CreateCounter<long>(
        "stale_epoch_events",
        "{event}",
        "Events of a history that their source no longer has"
    );

    /// <summary>Events that the consumer took from its source's feed, for the broker did not bring them.</summary>
    public static readonly Counter<long> FilledEvents = s_meter.CreateCounter<long>(
        "filled_events",
        "{event}",
        "Events taken from the source's feed, for the broker did not bring them"
    );

    /// <summary>Publishes that came back because no queue takes the event: a binding is missing. Each is tried again.</summary>
    public static readonly Counter<long> ReturnedEvents = s_meter.CreateCounter<long>(
        "returned_events",
        "{event}",
        "Publishes that no queue took, each of which is tried again"
    );

    /// <summary>Announcements of evictions that this instance heard.</summary>
    public static readonly Counter<long> EvictionsHeard = s_meter.CreateCounter<long>(
        "evictions_heard",
        "{announcement}",
        "Announcements of evictions that were heard"
    );

    /// <summary>How often announcements were lost on the way, and everything cached before was given up.</summary>
    public static readonly Counter<long> EvictionsLost = s_meter.CreateCounter<long>(
        "evictions_lost",
        "{loss}",
        "Losses of announcements, after each of which nothing that was cached before is used"
    );

    /// <summary>Reads through the cache.</summary>
    public static readonly Counter<long> CacheReads = s_meter.CreateCounter<long>(
        "cache_reads",
        "{read}",
        "Reads through the cache, by where the answer came from: memory, redis or database"
    );

    /// <summary>What Redis did not do in time, or at all.</summary>
    public static readonly Counter<long> CacheErrors = s_meter.CreateCounter<long>(
        "cache_errors",
        "{error}",
        "Failures of Redis, each of which costs a read from the database"
    );

    /// <summary>A span in the trace of a write; null where there is none, or nobody listens.</summary>
    public static Activity? StartIn(string? traceParent, string name, ActivityKind kind) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var trace) ? Source.StartActivity(name, kind, trace) : null;

    /// <summary>Shows what the relay and the consumer know of themselves for as long as the result lives.</summary>
    public static Meter Observe(Operating.RelayState relay, Operating.ConsumerState consumer)
    {
        var meter = new Meter(Name);
        meter.CreateObservableGauge("outbox_lag_events", () => relay.LagEvents, "{event}", "Committed events that are not published yet");
        meter.CreateObservableGauge(
            "oldest_unpublished_seconds",
            () => relay.LagSeconds,
            "s",
            "Age of the oldest event that is not published yet"
        );
        meter.CreateObservableGauge(
            "outbox_parked_events",
            () => relay.Parked,
            "{event}",
            "Events that could not be published and were set aside"
        );
        meter.CreateObservableGauge(
            "oldest_snapshot_seconds",
            () => relay.OldestSnapshotSeconds,
            "s",
            "Age of the oldest transaction that keeps the database from cleaning up"
        );
        var tags = new KeyValuePair<string, object?>("consumer", consumer.Name);
        meter.CreateObservableGauge(
            "consumer_lag_events",
            () => IfKnown(consumer.LagEvents, tags),
            "{event}",
            "Events of the source that are not applied yet"
        );
        meter.CreateObservableGauge(
            "consumer_lag_seconds",
            () => IfKnown(consumer.LagSeconds, tags),
            "s",
            "Age of the oldest event of the source that is not applied yet"
        );
        meter.CreateObservableGauge(
            "consumer_parked_events",
            () => new Measurement<long>(consumer.Parked, tags),
            "{event}",
            "Events that could not be applied and were set aside"
        );
        meter.CreateObservableGauge(
            "dead_letters",
            () => IfKnown(consumer.DeadLetters, tags),
            "{message}",
            "Messages in the dead-letter queue"
        );
        return meter;
    }

    // What is not known is no 0: an alert on a figure that is missing is another one.
    private static IEnumerable<Measurement<T>> IfKnown<T>(T? value, KeyValuePair<string, object?> tags)
        where T : struct => value is { } known ? [new Measurement<T>(known, tags)] : [];
}
