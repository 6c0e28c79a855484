using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace BackendGuide.CareerService.Tests;

/// <summary>Where answers came from, in their order. Tests of one collection run one after the other, so they are this one's.</summary>
internal sealed class CacheReads : IDisposable
{
    private readonly MeterListener _listener = new();

    public CacheReads()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "cache_reads")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (_, _, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    if (tag.Key == "from")
                    {
                        Results.Enqueue((string)tag.Value!);
                    }
                }
            }
        );
        _listener.Start();
    }

    public ConcurrentQueue<string> Results { get; } = new();

    public void Dispose() => _listener.Dispose();
}
