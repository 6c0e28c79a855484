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

    private readonly Lock _gate = new();
    private readonly EvictionFloors _floors = new(time, keptFor);
    private readonly Dictionary<(string By, string Source), FeedPosition> _early = [];
    private volatile Dictionary<(string By, string Source), Heard> _heard = []; // replaced, never changed
    private volatile Dictionary<string, ChangeCursor> _since = []; // of that, and as it is
    private readonly ConcurrentDictionary<string, bool> _audible = new(StringComparer.Ordinal);
    private long _moment;

    /// <summary>
    /// Moves on before and after each change of what is known. What was current at a moment that stands still is so for as long as that is the
    /// moment; it has to be read before <see cref="IsCurrent"/> is asked.
    /// </summary>
    public long Moment => Volatile.Read(ref _moment);

    /// <summary>False for a moment in the middle of a change.</summary>
    public static bool IsStill(long moment) => long.IsEvenInteger(moment);

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
    public ChangeCursor HeardSince(string by) => _since.GetValueOrDefault(by, ChangeCursor.Start);

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
        return hasBegun && _floors.AreReached(by, tags, since);
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
        using var change = BeginChange();
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
                _floors.Forget(by, source, otherThan: start.Epoch);
            }
        }
        return true;
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

    /// <summary>True while whatever the service announces is heard.</summary>
    public bool IsHeard(string by) => _audible.ContainsKey(by);

    /// <summary>From now on whatever the service announces is heard.</summary>
    public void Listen(string by) => _audible[by] = true;

    /// <summary>Nothing is heard any more. What is kept stays what it is; what may be old by then is for whoever keeps it to judge.</summary>
    public void Deafen() => _audible.Clear();

    /// <summary>Takes an announcement, as often and in whatever order it comes.</summary>
    /// <returns>
    /// False where it is of another history than the one that is followed: the source was restored, or it is late and the history is over. Which
    /// of the two only the service can say, so that nothing of it is current until it has begun anew.
    /// </returns>
    public bool Take(Eviction eviction)
    {
        ArgumentNullException.ThrowIfNull(eviction);
        using var change = BeginChange();
        var position = new FeedPosition(eviction.Epoch, eviction.To);
        if (
            _early.GetValueOrDefault((eviction.By, eviction.Source)) is var early
            && (early.Epoch != position.Epoch || early.Position < position.Position)
        )
        {
            _early[(eviction.By, eviction.Source)] = position;
        }
        _floors.Clean();
        if (!_heard.TryGetValue((eviction.By, eviction.Source), out var heard))
        {
            _floors.Raise(eviction);
            return true;
        }
        if (heard.Baseline.Epoch != eviction.Epoch)
        {
            End(eviction.By);
            _floors.Raise(eviction);
            return false;
        }
        _floors.Raise(eviction); // before the position: who sees that it was heard must see what it said
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

    /// <summary>
    /// What carries one of the tags has to be read at the position or later: what whoever made the change knows before it is announced.
    /// </summary>
    public void Evict(string by, string source, FeedPosition position, IReadOnlyList<string> tags)
    {
        using var change = BeginChange();
        _floors.Clean();
        _floors.Raise(new Eviction(by, source, position.Epoch, position.Position, position.Position, tags, []));
    }

    /// <summary>Where an answer with these tags must have been read to be current, for each source that has evicted one of them.</summary>
    public ChangeCursor FloorOf(string by, IReadOnlyList<string> tags) => _floors.Of(by, tags);

    /// <summary>Finds what was lost on the way: of the services that this returns nothing that was read before is current any more.</summary>
    public IReadOnlyList<string> FindLosses()
    {
        using var change = BeginChange();
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

    private void End(string by) => Know(_heard.Where(heard => heard.Key.By != by).ToDictionary(heard => heard.Key, heard => heard.Value));

    private void Set(string by, string source, Heard heard) =>
        Know(new Dictionary<(string By, string Source), Heard>(_heard) { [(by, source)] = heard });

    private void Know(Dictionary<(string By, string Source), Heard> heard)
    {
        _heard = heard;
        // Asked for with every answer, and another one only when a service begins anew or something was lost.
        var since = new Dictionary<string, ChangeCursor>(StringComparer.Ordinal);
        foreach (var ((by, source), one) in heard)
        {
            since[by] = since.GetValueOrDefault(by, ChangeCursor.Start).With(source, one.Baseline);
        }
        _since = since;
    }

    private Change BeginChange()
    {
        _gate.Enter();
        Interlocked.Increment(ref _moment);
        return new Change(this);
    }

    private readonly ref struct Change(EvictionLedger ledger)
    {
        public void Dispose()
        {
            Interlocked.Increment(ref ledger._moment);
            ledger._gate.Exit();
        }
    }

    /// <summary>What was heard of one service about one source.</summary>
    private sealed record Heard(FeedPosition Baseline, PositionRun Run)
    {
        public FeedPosition Reached => Baseline with { Position = Run.End };
    }
}
