using System.Diagnostics.Metrics;

namespace BackendGuide.CareerService.Tests;

/// <summary>How often Redis was asked in vain. Tests of one collection run one after the other, so it is this one's.</summary>
internal sealed class CacheErrors : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public CacheErrors()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "cache_errors")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, errors, _, _) => Interlocked.Add(ref _count, errors));
        _listener.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
