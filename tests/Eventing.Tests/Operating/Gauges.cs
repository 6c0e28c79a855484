using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace BackendGuide.Eventing.Tests.Operating;

/// <summary>The highest that any instance shows at the moment: other tests' instances are in this process too, and stand still as little.</summary>
internal sealed class Gauges : IDisposable
{
    private readonly MeterListener _listener;
    private readonly ConcurrentDictionary<string, double> _highest = new();

    public Gauges()
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "BackendGuide.Eventing" && instrument.IsObservable)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Note(instrument.Name, value));
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Note(instrument.Name, value));
        _listener.Start();
    }

    public double Read(string name)
    {
        _highest.Clear();
        _listener.RecordObservableInstruments();
        return _highest.GetValueOrDefault(name, double.NaN);
    }

    public void Dispose() => _listener.Dispose();

    private void Note(string name, double value) => _highest.AddOrUpdate(name, value, (_, highest) => Math.Max(highest, value));
}
