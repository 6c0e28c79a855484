using System.Diagnostics.Metrics;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Routing;

namespace BackendGuide.Gateway.Freshness;

/// <summary>
/// Measures how long each change takes from its writing to the moment from which on this gateway gives no answer from before it: when it has
/// heard of it from every service whose answers may be made of it, for from then on it asks for nothing older. The clocks are the source's and
/// this gateway's: where those differ, so do the figures.
/// </summary>
internal sealed class FreshnessMeter : IEvictionObserver, IDisposable
{
    // What a gateway that was cut off for long has to look up about its time; the rest is not counted.
    private const int MostRecovered = 1_000;
    private const int MostAwaited = 100_000;

    private readonly EvictionLedger _ledger;
    private readonly FeedClient _feeds;
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly Histogram<double> _delays;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Source, Guid Epoch), SortedDictionary<long, (string Type, DateTime Time)>> _awaited = [];
    private readonly Dictionary<string, FeedPosition> _visible = [];
    private readonly SortedDictionary<string, DelayWindow> _types = new(StringComparer.Ordinal);
    private readonly DelayWindow _all = new();

    public FreshnessMeter(EvictionLedger ledger, FeedClient feeds, TimeProvider time, IMeterFactory meters)
    {
        (_ledger, _feeds, _time) = (ledger, feeds, time);
        _meter = meters.Create("BackendGuide.Gateway.Freshness");
        _delays = _meter.CreateHistogram<double>(
            "change_visible_after",
            "ms",
            "From the writing of a change to the moment when this gateway gives no answer from before it, by type",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [5, 10, 20, 50, 75, 100, 150, 250, 500, 1000, 2500, 5000, 15000, 60000],
            }
        );
        _meter.CreateObservableGauge(
            "oldest_invisible_change_seconds",
            () => OldestAwaited.TotalSeconds,
            "s",
            "Age of the oldest change that some answer may still lack"
        );
    }

    /// <summary>The age of the oldest change that was heard of from one service and not from another yet.</summary>
    public TimeSpan OldestAwaited
    {
        get
        {
            lock (_gate)
            {
                var oldest = _awaited
                    .Values.SelectMany(awaited => awaited.Values.Take(1))
                    .Select(change => change.Time)
                    .DefaultIfEmpty(DateTime.MaxValue)
                    .Min();
                var age = _time.GetUtcNow().UtcDateTime - oldest;
                return age > TimeSpan.Zero ? age : TimeSpan.Zero;
            }
        }
    }

    /// <summary>The delays of the last hour, by type; types without a change are not in it.</summary>
    public IReadOnlyList<(string Type, DelayHistogram Delays)> ReadHour()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            return [.. _types.Select(type => (type.Key, type.Value.Of(now, DelayWindow.Minutes))).Where(type => type.Item2.Count > 0)];
        }
    }

    /// <summary>True where in each of the last three full minutes there were enough changes to tell, and their p99 was over the bound.</summary>
    public bool IsLate(TimeSpan bound, int enough)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            return Enumerable
                .Range(1, 3)
                .Select(ago => _all.Past(now, ago))
                .All(minute => minute.Count >= enough && minute.Percentile(0.99) > bound.TotalMilliseconds);
        }
    }

    public void Begun(string by, ChangeCursor positions)
    {
        foreach (var source in ChangeCursor.Sources)
        {
            lock (_gate)
            {
                if (FindVisible(source) is not { } visible)
                {
                    continue;
                }
                // What came while nothing was heard is looked up: it counts as seen now.
                if (_visible.TryGetValue(source, out var last) && last.Epoch == visible.Epoch && last.Position < visible.Position)
                {
                    _ = RecoverAsync(source, last.Position, visible, AwaitedOf(source, visible.Epoch).Keys.ToHashSet());
                }
                Show(source, visible);
            }
        }
    }

    public void Heard(Eviction eviction)
    {
        lock (_gate)
        {
            var awaited = AwaitedOf(eviction.Source, eviction.Epoch);
            var shown = _visible.GetValueOrDefault(eviction.Source);
            foreach (var change in eviction.Changes)
            {
                if ((shown.Epoch != eviction.Epoch || change.Position > shown.Position) && awaited.Count < MostAwaited)
                {
                    awaited.TryAdd(change.Position, (change.Type, change.Time));
                }
            }
            if (FindVisible(eviction.Source) is { } visible)
            {
                Show(eviction.Source, visible);
            }
        }
    }

    public void Lost(string by) => Begun(by, ChangeCursor.Start);

    public void Dispose() => _meter.Dispose();

    /// <summary>How far every service has announced a source; null where one has not begun.</summary>
    private FeedPosition? FindVisible(string source)
    {
        FeedPosition? least = null;
        foreach (var service in ApiRoutes.Services)
        {
            if (_ledger.Reached(service).Of(source) is not { } reached || (least is { } other && other.Epoch != reached.Epoch))
            {
                return null; // one follows another history yet
            }
            least = least is { } so && so.Position < reached.Position ? so : reached;
        }
        return least;
    }

    private void Show(string source, FeedPosition visible)
    {
        foreach (var over in _awaited.Keys.Where(key => key.Source == source && key.Epoch != visible.Epoch).ToList())
        {
            _awaited.Remove(over); // of a history that is over
        }
        var last = _visible.GetValueOrDefault(source);
        if (last.Epoch == visible.Epoch && last.Position >= visible.Position)
        {
            return;
        }
        var awaited = AwaitedOf(source, visible.Epoch);
        var now = _time.GetUtcNow();
        while (awaited.Count > 0 && awaited.First() is var (position, change) && position <= visible.Position)
        {
            awaited.Remove(position);
            Record(now, change.Type, change.Time);
        }
        _visible[source] = visible;
    }

    private async Task RecoverAsync(string source, long after, FeedPosition visible, HashSet<long> known)
    {
        try
        {
            var from = Math.Max(after, visible.Position - MostRecovered);
            var page = await _feeds.ReadAsync(EventSources.ServiceOf(source), from, MostRecovered, waitingIn: null, CancellationToken.None);
            lock (_gate)
            {
                var now = _time.GetUtcNow();
                foreach (
                    var missed in page.Events.Where(one =>
                        page.Epoch == visible.Epoch && one.Position <= visible.Position && !known.Contains(one.Position)
                    )
                )
                {
                    Record(now, missed.Type, DateTime.UnixEpoch.AddMicroseconds(missed.Time));
                }
            }
        }
        catch (SourceAwayException)
        {
            return; // not counted: nobody can say what they were
        }
    }

    private void Record(DateTimeOffset now, string type, DateTime time)
    {
        var milliseconds = Math.Max(0, (now.UtcDateTime - time).TotalMilliseconds);
        if (!_types.TryGetValue(type, out var window))
        {
            _types.Add(type, window = new DelayWindow());
        }
        window.Add(now, milliseconds);
        _all.Add(now, milliseconds);
        _delays.Record(milliseconds, new KeyValuePair<string, object?>("type", type));
    }

    // One history must not wait for another's positions: around a restore there are two.
    private SortedDictionary<long, (string Type, DateTime Time)> AwaitedOf(string source, Guid epoch)
    {
        if (!_awaited.TryGetValue((source, epoch), out var awaited))
        {
            _awaited.Add((source, epoch), awaited = []);
        }
        return awaited;
    }
}
