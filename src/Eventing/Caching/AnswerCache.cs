using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using Microsoft.Extensions.Caching.Memory;

namespace BackendGuide.Eventing.Caching;

/// <summary>
/// The ready answers of one service: in this instance's memory, then in what its instances share, then from the database. What is kept is
/// judged by the <see cref="EvictionLedger"/> each time that it is given out, so an eviction is one note there and not a search here.
/// </summary>
/// <param name="by">The service.</param>
/// <param name="ledger">What was heard of evictions.</param>
/// <param name="shared">What the instances share.</param>
/// <param name="memoryBytes">How much this instance keeps.</param>
/// <param name="time">The clock.</param>
public sealed class AnswerCache(string by, EvictionLedger ledger, ISharedAnswers shared, long memoryBytes, TimeProvider time) : IDisposable
{
    /// <summary>The most that an answer may age.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The most where evictions are not heard. A change is to be seen within a minute then, and before the answer is old its copy may be: a consumer
    /// without its broker has a change some seconds later, from the source's feed.
    /// </summary>
    public static readonly TimeSpan TimeToLiveUnheard = TimeSpan.FromSeconds(30);

    /// <summary>
    /// So much of its life an answer has left when a service gives it out, at least: more than the tenth of it that a gateway takes off by address, and the second
    /// that an age is rounded by. What was given out later than that, a gateway could not keep, and every request for it would be a miss until it is read anew.
    /// </summary>
    public static readonly TimeSpan LeftForGateways = TimeSpan.FromSeconds(10);

    // What is not there is asked for by whoever guesses addresses, and soon made by whoever was asked for it.
    private static readonly TimeSpan TimeToLiveOfNone = TimeSpan.FromSeconds(5);
    private const int BytesBesides = 512;

    private readonly MemoryCache _memory = new(new MemoryCacheOptions { SizeLimit = memoryBytes });
    private readonly Flights<(CachedAnswer Answer, bool IsLoaded)> _flights = new();

    /// <summary>The service whose answers these are.</summary>
    public string By => by;

    /// <summary>An answer that is at least as new as <paramref name="notBefore"/>, and as all that this instance has heard.</summary>
    /// <param name="key">Names the answer, its representation and its parameters.</param>
    /// <param name="notBefore">Positions that the database has reached.</param>
    /// <param name="load">Reads it from the database, in one snapshot. Those who ask meanwhile share what it returns.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<CachedAnswer> GetAsync(
        string key,
        ChangeCursor notBefore,
        Func<Task<CachedAnswer>> load,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(notBefore);
        ArgumentNullException.ThrowIfNull(load);
        var begun = _flights.Now();
        while (true)
        {
            if (_memory.TryGetValue(key, out CachedAnswer? kept) && FindUsable(kept!, notBefore) is { } usable)
            {
                Count("memory");
                return usable;
            }
            var flight = _flights.Join(
                key,
                (Cache: this, Key: key, NotBefore: notBefore, Load: load),
                static one => one.Cache.FlyAsync(one.Key, one.NotBefore, one.Load)
            );
            var (answer, isLoaded) = await flight.Landed.WaitAsync(cancellationToken);
            if (isLoaded && flight.BegunAt > begun)
            {
                return answer; // read after it was asked for: whatever was heard since, nobody could have more
            }
            // Who came when the flight was under way may want more than it had to bring.
            if (FindUsable(answer, notBefore) is { } enough)
            {
                return enough;
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _memory.Dispose();

    /// <summary>The answer with what it is known to hold by now; null where it is old, or not known to be new enough.</summary>
    private CachedAnswer? FindUsable(CachedAnswer answer, ChangeCursor notBefore)
    {
        if (!answer.MayBeKept || time.GetUtcNow() - answer.LoadedAt >= LifeOf(answer))
        {
            return null;
        }
        var moment = ledger.Moment;
        var heard = ledger.Reached(by); // before the judgement: what is heard after it is not claimed
        if (!ledger.IsCurrent(by, answer.Since, answer.Holds, answer.Tags))
        {
            return null;
        }
        var holds = answer.Holds.Later(heard);
        if (!holds.IsAtLeast(notBefore))
        {
            return null;
        }
        // The hole behind which it showed something is closed, and nothing that came in it is about this: it is as if it was read after that.
        return holds.IsAtLeast(answer.Seen) && EvictionLedger.IsStill(moment) && ledger.Moment == moment
            ? answer with
            {
                Since = answer.Since.Later(answer.Seen),
                Holds = holds,
            }
            : answer with
            {
                Holds = holds,
            };
    }

    private async Task<(CachedAnswer Answer, bool IsLoaded)> FlyAsync(string key, ChangeCursor notBefore, Func<Task<CachedAnswer>> load)
    {
        // Between a look and this, somebody else's load may have landed.
        if (_memory.TryGetValue(key, out CachedAnswer? kept) && FindUsable(kept!, notBefore) is { } landed)
        {
            Count("memory");
            return (landed, false);
        }
        if (await shared.ReadAsync(key) is { } found && FindUsable(found, notBefore) is { } usable)
        {
            Count("redis");
            Keep(key, usable);
            return (usable, false);
        }
        var loaded = await load();
        Count("database");
        if (loaded.MayBeKept && ledger.IsCurrent(by, loaded.Since, loaded.Holds, loaded.Tags))
        {
            Keep(key, loaded);
            if (loaded.Body is not null)
            {
                _ = shared.KeepAsync(key, loaded, TimeToLive);
            }
        }
        return (loaded, true);
    }

    private void Keep(string key, CachedAnswer answer)
    {
        // Of two snapshots the later has all that the earlier has.
        if (
            _memory.TryGetValue(key, out CachedAnswer? kept)
            && !answer.Since.IsAtLeast(kept!.Since)
            && FindUsable(kept, ChangeCursor.Start) is not null
        )
        {
            return;
        }
        var rest = LifeOf(answer) - (time.GetUtcNow() - answer.LoadedAt);
        if (rest > TimeSpan.Zero)
        {
            var size = (answer.Body?.Body.Length ?? 0) + (key.Length * 2) + BytesBesides;
            _memory.Set(key, answer, new MemoryCacheEntryOptions { Size = size, AbsoluteExpirationRelativeToNow = rest });
        }
    }

    private TimeSpan LifeOf(CachedAnswer answer) =>
        answer.Body is null ? TimeToLiveOfNone : (ledger.IsHeard(by) ? TimeToLive : TimeToLiveUnheard) - LeftForGateways;

    private void Count(string from) =>
        EventingMetrics.CacheReads.Add(1, new KeyValuePair<string, object?>("by", by), new KeyValuePair<string, object?>("from", from));
}
