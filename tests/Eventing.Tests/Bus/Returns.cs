using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BackendGuide.Eventing.Tests.Bus;

/// <summary>What any relay in this process has had returned while this lives: which events, by their spans, and how many, by the metric.</summary>
internal sealed class Returns : IDisposable
{
    private readonly ConcurrentDictionary<Guid, bool> _events = new();
    private readonly ActivityListener _spans;
    private readonly MeterListener _metrics;
    private long _counted;

    public Returns()
    {
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EventingMetrics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.Status == ActivityStatusCode.Error && span.GetTagItem("messaging.message.id") is Guid id)
                {
                    _events[id] = true;
                }
            },
        };
        ActivitySource.AddActivityListener(_spans);
        _metrics = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "returned_events")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _metrics.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _counted, count));
        _metrics.Start();
    }

    public ICollection<Guid> Events => _events.Keys;

    public long Counted => Interlocked.Read(ref _counted);

    public void Dispose()
    {
        _spans.Dispose();
        _metrics.Dispose();
    }
}
