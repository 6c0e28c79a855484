using System.Diagnostics.Metrics;

namespace BackendGuide.Gateway.Caching;

/// <summary>What the cache is good for, in numbers.</summary>
internal sealed class CacheMetrics
{
    // Counted here and read when somebody collects: an instrument that is told of each answer would cost a hit more than its lookup does.
    private readonly long[] _reads = new long[Enum.GetValues<AnswerSource>().Length];
    private long _refreshes;

    public CacheMetrics(IMeterFactory meters, AnswerStore store)
    {
        var meter = meters.Create("BackendGuide.Gateway.Caching");
        KeyValuePair<string, object?>[] sources =
        [
            .. Enum.GetValues<AnswerSource>().Select(source => KeyValuePair.Create("from", (object?)source.ToString().ToLowerInvariant())),
        ];
        meter.CreateObservableCounter(
            "gateway_cache_reads",
            () => sources.Select((from, source) => new Measurement<long>(Volatile.Read(ref _reads[source]), from)),
            description: "Answers, by where they came from."
        );
        meter.CreateObservableGauge("gateway_cache_bytes", () => store.Bytes, "By", "What the kept answers take.");
        meter.CreateObservableGauge("gateway_cache_answers", () => store.Answers, description: "How many answers are kept.");
        meter.CreateObservableCounter(
            "gateway_cache_refreshes",
            () => Volatile.Read(ref _refreshes),
            description: "Answers read anew before they were too old, because they had been asked for again."
        );
        meter.CreateObservableCounter(
            "gateway_cache_removed",
            () => store.Removed,
            description: "Answers removed because there was no room."
        );
    }

    public void CountRefresh() => Interlocked.Increment(ref _refreshes);

    public void Count(AnswerSource source) => Interlocked.Increment(ref _reads[(int)source]);
}
