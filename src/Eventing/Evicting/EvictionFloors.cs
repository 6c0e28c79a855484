using System.Collections.Concurrent;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Evicting;

/// <summary>
/// For each tag the position of its last eviction, kept for as long as an answer from before can be anywhere. Read by whoever likes, changed
/// only by one at a time.
/// </summary>
/// <param name="time">Measures how long floors are kept.</param>
/// <param name="keptFor">How long an answer can be kept anywhere, with the time that reading it takes.</param>
internal sealed class EvictionFloors(TimeProvider time, TimeSpan keptFor)
{
    /// <summary>With more than that one floor for everything takes their place: they are some 25 MB, in each process that hears of evictions.</summary>
    public const int MostFloors = 100_000;

    private readonly ConcurrentDictionary<(string By, string Tag), Floor> _floors = new();
    private long _cleanedAt = time.GetTimestamp();

    /// <summary>True where an answer with these tags that was read there is as new as the last eviction of each.</summary>
    public bool AreReached(string by, IReadOnlyList<string> tags, ChangeCursor since)
    {
        if (!IsReached((by, Eviction.Everything), since))
        {
            return false;
        }
        foreach (var tag in tags)
        {
            if (!IsReached((by, tag), since))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Where an answer with these tags must have been read to be current, for each source that has evicted one of them.</summary>
    public ChangeCursor Of(string by, IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var floor = ChangeCursor.Start;
        foreach (var tag in tags)
        {
            floor = Of(by, tag, floor);
        }
        return Of(by, Eviction.Everything, floor); // last: of two histories it is of the one that there is
    }

    public void Raise(Eviction eviction)
    {
        var position = new FeedPosition(eviction.Epoch, eviction.Floor);
        foreach (var tag in eviction.Tags)
        {
            var key = (eviction.By, tag);
            var raised = _floors.GetValueOrDefault(key)?.Positions ?? ChangeCursor.Start;
            if (raised.Of(eviction.Source) is not { } before || before.Epoch != position.Epoch || before.Position < position.Position)
            {
                _floors[key] = new Floor(raised.With(eviction.Source, position), time.GetTimestamp());
            }
        }
    }

    /// <summary>Removes what no answer can be below any more; and where there are too many, has one floor for all.</summary>
    public void Clean()
    {
        if (_floors.Count > MostFloors)
        {
            foreach (var service in _floors.GroupBy(floor => floor.Key.By).ToList())
            {
                // Also above what is heard without a hole: so this, and not the baseline, which is below it.
                var highest = service.Aggregate(ChangeCursor.Start, (highest, floor) => floor.Value.Positions.Later(highest));
                var everything = (service.Key, Eviction.Everything);
                _floors[everything] = new Floor(highest, time.GetTimestamp());
                foreach (var floor in service.Where(floor => floor.Key != everything))
                {
                    _floors.TryRemove(floor);
                }
            }
        }
        else if (time.GetElapsedTime(_cleanedAt) > keptFor / 4)
        {
            _cleanedAt = time.GetTimestamp();
            foreach (var (key, floor) in _floors)
            {
                if (time.GetElapsedTime(floor.RaisedAt) > keptFor)
                {
                    _floors.TryRemove(key, out _);
                }
            }
        }
    }

    /// <summary>Forgets a source's other histories. What was heard of other sources still counts.</summary>
    public void Forget(string by, string source, Guid otherThan)
    {
        foreach (var (key, floor) in _floors)
        {
            if (key.By != by || floor.Positions.Of(source) is not { } position || position.Epoch == otherThan)
            {
                continue;
            }
            var rest = ChangeCursor.Start;
            foreach (var other in ChangeCursor.Sources.Where(other => other != source))
            {
                rest = floor.Positions.Of(other) is { } kept ? rest.With(other, kept) : rest;
            }
            _floors[key] = floor with { Positions = rest };
        }
    }

    private ChangeCursor Of(string by, string tag, ChangeCursor floor) =>
        _floors.TryGetValue((by, tag), out var raised) ? raised.Positions.Later(floor) : floor;

    private bool IsReached((string, string) tag, ChangeCursor since) => !_floors.TryGetValue(tag, out var floor) || floor.IsReached(since);

    private sealed record Floor(ChangeCursor Positions, long RaisedAt)
    {
        public bool IsReached(ChangeCursor since)
        {
            foreach (var source in ChangeCursor.Sources)
            {
                if (
                    Positions.Of(source) is { } floor
                    && (since.Of(source) is not { } there || there.Epoch != floor.Epoch || there.Position < floor.Position)
                )
                {
                    return false;
                }
            }
            return true;
        }
    }
}
