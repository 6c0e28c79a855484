using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Evictions;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Which of the answers that are kept may be given out: one that nothing is known to have changed of since it was read, for 60 s at most, and for 30
/// where evictions are not heard; for five minutes more where its service does not answer. It is never from before a change that this gateway has heard of, acknowledged or shown.
/// </summary>
internal sealed class KeptAnswers(AnswerStore store, EvictionLedger ledger, GivenAnswers given, TimeProvider time)
{
    /// <summary>How long an answer may be given out at all.</summary>
    public static readonly TimeSpan Limit = AnswerCache.TimeToLive + TimeSpan.FromMinutes(5);

    // A service says how old an answer is in whole seconds.
    private static readonly TimeSpan s_precision = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_freshLimit = AnswerCache.TimeToLive - s_precision;
    private static readonly TimeSpan s_mostJitter = AnswerCache.TimeToLive / 10;
    private static readonly TimeSpan s_aging = AnswerCache.TimeToLive - AnswerCache.LeftForGateways + s_precision;
    private static readonly TimeSpan s_agingUnheard = AnswerCache.TimeToLiveUnheard - AnswerCache.LeftForGateways + s_precision;
    private static readonly TimeSpan s_freshLimitUnheard = AnswerCache.TimeToLiveUnheard - s_precision;

    // What is not there is asked for by whoever guesses addresses, and soon made by whoever was asked for it.
    private static readonly TimeSpan s_freshLimitOfNone = TimeSpan.FromSeconds(5);

    /// <summary>The <see cref="ServiceAnswer.Jitter"/> of what is kept at an address: a tenth of what it may age, at most.</summary>
    public static TimeSpan JitterOf(string address) =>
        s_mostJitter * ((uint)address.GetHashCode(StringComparison.Ordinal) / (double)uint.MaxValue);

    /// <summary>What can be given out; null where nothing is kept that can.</summary>
    /// <param name="address">The <see cref="CachedAddress.Key"/> that it has.</param>
    /// <param name="after">What the answer must not be from before.</param>
    public ServiceAnswer? Find(string address, ChangeCursor? after = null)
    {
        var now = time.GetTimestamp();
        return store.TryGet(address, now, out var answer) && IsFresh(answer, after, now) ? answer : null;
    }

    /// <summary>What can be given out where the service is away.</summary>
    /// <param name="address">The <see cref="CachedAddress.Key"/> that it has.</param>
    /// <param name="after">What the answer must not be from before.</param>
    public ServiceAnswer? FindStale(string address, ChangeCursor? after)
    {
        var now = time.GetTimestamp();
        return
            store.TryGet(address, now, out var answer)
            && answer.Detail is null
            && ledger.IsHeard(answer.Route.Service) // else it may have been withdrawn, and nobody could say so
            && IsUsable(answer, Limit, after, now)
            ? answer
            : null;
    }

    /// <summary>
    /// What of a service will soon be too old to be given out, and was asked for again since it was read: what has the least time left comes first.
    /// Before that a service would answer with what it keeps itself, which is no newer.
    /// </summary>
    public IReadOnlyList<ServiceAnswer> FindAging(string service)
    {
        var now = time.GetTimestamp();
        return
        [
            .. store
                .All.Where(answer => answer.Route.Service == service && answer.IsAskedForAgain && IsAging(answer, now))
                .OrderBy(answer => answer.ReadAt - (answer.Jitter.TotalSeconds * time.TimestampFrequency)),
        ];
    }

    /// <summary>True where it is still what is kept, and will soon be too old.</summary>
    public bool IsAging(ServiceAnswer answer) => store.Has(answer.Address.Key, answer) && IsAging(answer, time.GetTimestamp());

    /// <summary>Takes what a service answered, before it is given out: nothing older is given out after it.</summary>
    /// <returns>True where it is kept.</returns>
    /// <remarks>
    /// It is not kept where something newer was shown at its address while it was under way, kept or not, nor where it shows something that came
    /// behind a hole: of two such answers nobody can say which is the newer. What is kept stays then where it shows the same: it is what there is to give
    /// where the service is away the next moment, as while its database comes back. Whoever shows something takes note of it first, and looks here after
    /// that: so whichever of the two comes first, the other one finds it.
    /// </remarks>
    public bool Keep(string address, ServiceAnswer answer)
    {
        if (answer is not { Since: { } since, Status: < StatusCodes.Status500InternalServerError } || store.IsOff)
        {
            return false;
        }
        var now = time.GetTimestamp();
        var mayBeKept = answer.MayBeKept && answer.Seen.Equals(since) && answer.IsCurrent(ledger);
        return store.Replace(
            address,
            mayBeKept ? answer : null,
            stays: before =>
                (before.Since!.IsAtLeast(answer.Seen) && !since.IsAtLeast(before.Since) && IsFresh(before, after: null, now))
                || (answer.MayBeKept && !mayBeKept && answer.ShowsTheSameAs(before)),
            goes: () => !given.IsNewest(address, since)
        );
    }

    /// <summary>Takes note of what is about to be given out and is not for keeping.</summary>
    /// <param name="address">The <see cref="CachedAddress.Key"/> that it has.</param>
    /// <param name="seen">Up to where it may show something.</param>
    public void Pass(string address, ChangeCursor seen)
    {
        var now = time.GetTimestamp();
        store.Replace(address, answer: null, stays: before => before.Since!.IsAtLeast(seen) && IsFresh(before, after: null, now));
    }

    private bool IsAging(ServiceAnswer answer, long now) =>
        time.GetElapsedTime(answer.ReadAt, now) >= (ledger.IsHeard(answer.Route.Service) ? s_aging : s_agingUnheard)
        && IsFresh(answer, after: null, now);

    private bool IsFresh(ServiceAnswer answer, ChangeCursor? after, long now) =>
        IsUsable(
            answer,
            answer.Detail is not null
                ? s_freshLimitOfNone
                : (ledger.IsHeard(answer.Route.Service) ? s_freshLimit : s_freshLimitUnheard) - answer.Jitter,
            after,
            now
        );

    private bool IsUsable(ServiceAnswer answer, TimeSpan limit, ChangeCursor? after, long now)
    {
        if (time.GetElapsedTime(answer.ReadAt, now) >= limit)
        {
            return false;
        }
        if (after is null)
        {
            return answer.IsCurrent(ledger);
        }
        var heard = ledger.Reached(answer.Route.Service); // before the judgement: what is heard after it is not claimed
        return answer.IsCurrent(ledger) && HasAll(answer, heard, after);
    }

    // Of its own rows a service has said everything up to what was heard. Of its copies it has not: an event may be set aside, or a copy be made
    // anew, and only the service knows. So that counts which it has confirmed by an answer to just this question.
    private static bool HasAll(ServiceAnswer answer, ChangeCursor heard, ChangeCursor after)
    {
        var has = answer.Confirmed;
        foreach (var source in ChangeCursor.Sources.Where(source => EventSources.ServiceOf(source) == answer.Route.Service))
        {
            var own = answer.Holds.Later(heard).Of(source);
            has = own is { } there ? ChangeCursor.Start.With(source, there).Later(has) : has;
        }
        return has.IsAtLeast(after);
    }
}
