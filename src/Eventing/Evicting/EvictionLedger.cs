using System.Collections.Concurrent;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Evicting;

/// <summary>
/// What an instance has heard of evictions, and by that the answer to the one question of a cache: may what was read then still be given out?
/// It decides by positions, never by what came first: an answer is judged by where its service was when it was read.
/// </summary>
/// <remarks>
/// For each tag it keeps the position of its last eviction (its floor), for as long as an answer from before can be anywhere; for each service
/// and source the position from which on it has heard everything (the baseline), and how far it has heard without a hole.
/// </remarks>
/// <param name="time">Measures how long floors are kept and holes are borne.</param>
/// <param name="keptFor">How long an answer can be kept anywhere, with the time that reading it takes.</param>
public sealed class EvictionLedger(TimeProvider time, TimeSpan keptFor)
{
    // Two announcements of neighbouring positions that come from two instances may overtake each other, and one that is repeated may be late.
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // About 40 MB. With more than that one floor for everything takes their place.
    private const int MostFloors = 200_000;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<(string By, string Tag), Floor> _floors = new();
    private readonly Dictionary<(string By, string Source), FeedPosition> _early = [];
    private volatile Dictionary<(string By, string Source), Heard> _heard = []; // replaced, never changed
    private long _cleanedAt = time.GetTimestamp();

    /// <summary>What is counted as heard, without a hole; names no source of a service that has not begun.</summary>
    public ChangeCursor Reached(string by)
    {
        var reached = ChangeCursor.Start;
        foreach (var ((service, source), heard) in _heard)
        {
            reached = service == by ? reached.With(source, heard.Reached) : reached;
        }
        return reached;
    }

    /// <summary>From where on everything was heard.</summary>
    public ChangeCursor HeardSince(string by)
    {
        var since = ChangeCursor.Start;
        foreach (var ((service, source), heard) in _heard)
        {
            since = service == by ? since.With(source, heard.Baseline) : since;
        }
        return since;
    }

    /// <summary>True where an answer is as new as everything that was heard: nothing that it was made of has changed since it was read.</summary>
    /// <param name="by">The service whose answer it is.</param>
    /// <param name="since">Where the service was when the answer was read from its database.</param>
    /// <param name="holds">Up to where it is known to have stayed true; at least <paramref name="since"/>.</param>
    /// <param name="tags">What it was made of.</param>
    public bool IsCurrent(string by, ChangeCursor since, ChangeCursor holds, IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(since);
        ArgumentNullException.ThrowIfNull(holds);
        ArgumentNullException.ThrowIfNull(tags);
        var hasBegun = false;
        foreach (var ((service, source), heard) in _heard)
        {
            if (service == by)
            {
                hasBegun = true;
                if (holds.Of(source) is not { } there || there.Epoch != heard.Baseline.Epoch || there.Position < heard.Baseline.Position)
                {
                    return false;
                }
            }
        }
        if (!hasBegun || !IsAtFloor((by, Eviction.Everything), since))
        {
            return false;
        }
        foreach (var tag in tags)
        {
            if (!IsAtFloor((by, tag), since))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>
    /// Begins anew: from now on everything is heard, and what was read before the positions is not known to be true. They must have been read
    /// after listening began.
    /// </summary>
    /// <returns>False where another history was heard of meanwhile: then the positions may be those of one that is over, and it has to be asked
    /// again.</returns>
    public bool Begin(string by, ChangeCursor positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        lock (_gate)
        {
            var mixed = ChangeCursor.Sources.Where(source =>
                _early.TryGetValue((by, source), out var early) && positions.Of(source) is { } there && there.Epoch != early.Epoch
            );
            if (mixed.ToList() is { Count: > 0 } sources)
            {
                sources.ForEach(source => _early.Remove((by, source)));
                End(by);
                return false;
            }
            foreach (var source in ChangeCursor.Sources)
            {
                if (positions.Of(source) is { } position)
                {
                    // What was announced between the two counts too.
                    var early = _early.GetValueOrDefault((by, source));
                    var start = early.Position > position.Position ? early : position;
                    Set(by, source, new Heard(start, new PositionRun(start.Position, time)));
                    Forget(by, source, otherThan: start.Epoch);
                }
            }
            return true;
        }
    }

    /// <summary>
    /// Listening begins, or begins again: what comes from now on counts for the next <see cref="Begin"/>. Until then what is kept stays what
    /// it is, as old as it may get.
    /// </summary>
    public void Prepare()
    {
        lock (_gate)
        {
            _early.Clear();
        }
    }

    /// <summary>Takes an announcement, as often and in whatever order it comes.</summary>
    /// <returns>
    /// False where it is of another history than the one that is followed: the source was restored, or it is late and the history is over. Which
    /// of the two only the service can say, so that nothing of it is current until it has begun anew.
    /// </returns>
    public bool Take(Eviction eviction)
    {
        ArgumentNullException.ThrowIfNull(eviction);
        lock (_gate)
        {
            var position = new FeedPosition(eviction.Epoch, eviction.To);
            if (
                _early.GetValueOrDefault((eviction.By, eviction.Source)) is var early
                && (early.Epoch != position.Epoch || early.Position < position.Position)
            )
            {
                _early[(eviction.By, eviction.Source)] = position;
            }
            Clean();
            if (!_heard.TryGetValue((eviction.By, eviction.Source), out var heard))
            {
                Raise(eviction);
                return true;
            }
            if (heard.Baseline.Epoch != eviction.Epoch)
            {
                End(eviction.By);
                Raise(eviction);
                return false;
            }
            Raise(eviction); // before the position: who sees that it was heard must see what it said
            // A service announces its own rows in their order. Its copies come as they are applied: that one was says nothing of those before it,
            // but what is announced without a position of its own does, for it names how far everything is.
            if (eviction.To < eviction.From || EventSources.ServiceOf(eviction.Source) == eviction.By)
            {
                heard.Run.Expect(eviction.To);
            }
            if (eviction.To >= eviction.From)
            {
                heard.Run.Add(eviction.From, eviction.To);
            }
            return true;
        }
    }

    /// <summary>
    /// What carries one of the tags has to be read at the position or later: what whoever made the change knows before it is announced.
    /// </summary>
    public void Evict(string by, string source, FeedPosition position, IReadOnlyList<string> tags)
    {
        lock (_gate)
        {
            Clean();
            Raise(new Eviction(by, source, position.Epoch, position.Position, position.Position, tags, []));
        }
    }

    /// <summary>Where an answer with these tags must have been read to be current, for each source that has evicted one of them.</summary>
    public ChangeCursor FloorOf(string by, IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var floor = ChangeCursor.Start;
        foreach (var tag in tags.Append(Eviction.Everything))
        {
            floor = _floors.TryGetValue((by, tag), out var raised) ? raised.Positions.Later(floor) : floor;
        }
        return floor;
    }

    /// <summary>Finds what was lost on the way: of the services that this returns nothing that was read before is current any more.</summary>
    public IReadOnlyList<string> FindLosses()
    {
        lock (_gate)
        {
            List<string> services = [];
            foreach (var ((by, source), heard) in _heard.ToList())
            {
                if (heard.Run.HasLost(Patience))
                {
                    heard.Run.SkipLost();
                    Set(by, source, heard with { Baseline = heard.Reached });
                    services.Add(by);
                }
            }
            return services;
        }
    }

    private bool IsAtFloor((string, string) tag, ChangeCursor since) => !_floors.TryGetValue(tag, out var floor) || floor.IsReached(since);

    private void Raise(Eviction eviction)
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

    private void Clean()
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

    // What was heard of other sources still counts.
    private void Forget(string by, string source, Guid otherThan)
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

    private void End(string by) =>
        _heard = _heard.Where(heard => heard.Key.By != by).ToDictionary(heard => heard.Key, heard => heard.Value);

    private void Set(string by, string source, Heard heard) =>
        _heard = new Dictionary<(string By, string Source), Heard>(_heard) { [(by, source)] = heard };

    /// <summary>What was heard of one service about one source.</summary>
    private sealed record Heard(FeedPosition Baseline, PositionRun Run)
    {
        public FeedPosition Reached => Baseline with { Position = Run.End };
    }

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
