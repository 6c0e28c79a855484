using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Which of the answers that are kept may be given out: one that nothing is known to have changed of since it was read, for 60 s at most; for five
/// minutes more where its service does not answer. It is never from before a change that this gateway has heard of, acknowledged or shown.
/// </summary>
internal sealed class KeptAnswers(AnswerStore store, EvictionLedger ledger, TimeProvider time)
{
    /// <summary>How long an answer may be given out at all.</summary>
    public static readonly TimeSpan Limit = AnswerCache.TimeToLive + TimeSpan.FromMinutes(5);

    // A service says how old an answer is in whole seconds.
    private static readonly TimeSpan s_freshLimit = AnswerCache.TimeToLive - TimeSpan.FromSeconds(1);

    // What is not there is asked for by whoever guesses addresses, and soon made by whoever was asked for it.
    private static readonly TimeSpan s_freshLimitOfNone = TimeSpan.FromSeconds(5);

    /// <summary>What can be given out; null where nothing is kept that can.</summary>
    /// <param name="address">As <see cref="CachedAddress"/> writes it.</param>
    /// <param name="after">What the answer must not be from before.</param>
    public ServiceAnswer? Find(string address, ChangeCursor? after = null) =>
        store.TryGet(address, out var answer) && IsFresh(answer, after) ? answer : null;

    /// <summary>What can be given out where the service is away.</summary>
    /// <param name="address">As <see cref="CachedAddress"/> writes it.</param>
    /// <param name="after">What the answer must not be from before.</param>
    public ServiceAnswer? FindStale(string address, ChangeCursor? after) =>
        store.TryGet(address, out var answer) && answer.Detail is null && IsUsable(answer, Limit, after) ? answer : null;

    /// <summary>Takes what a service answered, before it is given out: nothing older is given out after it.</summary>
    /// <returns>True where it is kept.</returns>
    public bool Keep(string address, ServiceAnswer answer) =>
        answer is { Since: { } since, Status: < StatusCodes.Status500InternalServerError }
        && store.Replace(
            address,
            answer.MayBeKept && answer.IsCurrent(ledger) ? answer : null,
            before => !since.IsAtLeast(before.Seen) && IsFresh(before, after: null)
        );

    /// <summary>Takes note of what is about to be given out and is not for keeping.</summary>
    /// <param name="address">As <see cref="CachedAddress"/> writes it.</param>
    /// <param name="seen">Up to where it may show something.</param>
    public void Pass(string address, ChangeCursor seen) => store.Replace(address, answer: null, before => IsFresh(before, seen));

    private bool IsFresh(ServiceAnswer answer, ChangeCursor? after) =>
        IsUsable(answer, answer.Detail is null ? s_freshLimit : s_freshLimitOfNone, after);

    private bool IsUsable(ServiceAnswer answer, TimeSpan limit, ChangeCursor? after)
    {
        if (time.GetElapsedTime(answer.ReadAt) >= limit)
        {
            return false;
        }
        if (after is null)
        {
            return answer.IsCurrent(ledger);
        }
        var heard = ledger.Reached(answer.Route.Service); // before the judgement: what is heard after it is not claimed
        return answer.IsCurrent(ledger) && answer.Holds.Later(heard).IsAtLeast(after);
    }
}
