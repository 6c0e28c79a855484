using System.Diagnostics.Metrics;

namespace BackendGuide.Gateway.Caching;

/// <summary>What the cache is good for, in numbers.</summary>
internal sealed class CacheMetrics
{
    private readonly Counter<long> _reads;
    private readonly KeyValuePair<string, object?>[] _sources;

    public CacheMetrics(IMeterFactory meters, AnswerStore store)
    {
        var meter = meters.Create("BackendGuide.Gateway.Caching");
        _reads = meter.CreateCounter<long>("gateway_cache_reads", description: "Answers, by where they came from.");
        _sources =
        [
            .. Enum.GetValues<AnswerSource>().Select(source => KeyValuePair.Create("from", (object?)source.ToString().ToLowerInvariant())),
        ];
        meter.CreateObservableGauge("gateway_cache_bytes", () => store.Bytes, "By", "What the kept answers take.");
        meter.CreateObservableGauge("gateway_cache_answers", () => store.Answers, description: "How many answers are kept.");
        meter.CreateObservableCounter(
            "gateway_cache_removed",
            () => store.Removed,
            description: "Answers removed because there was no room."
        );
    }

    public void Count(AnswerSource source) => _reads.Add(1, _sources[(int)source]);
}
