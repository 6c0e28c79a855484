using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using StackExchange.Redis;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>The cache of an instance, and what it is told.</summary>
internal abstract class SimulatedCache : IDisposable
{
    public abstract Task<CachedAnswer> GetAsync(string key, ChangeCursor notBefore, Func<Task<CachedAnswer>> load);

    public abstract void Begun();

    public abstract void Heard(Eviction eviction);

    public abstract void Lost();

    public abstract void Dispose();
}

/// <summary>The service's own: nothing in it is simulated but what is beyond its connection.</summary>
internal sealed class RealCache : SimulatedCache
{
    private const string By = "content";

    private readonly CancellationTokenSource _stopping = new();
    private readonly SharedAnswers _shared;
    private readonly AnswerCache _answers;

    public RealCache(EvictionLedger ledger, IConnectionMultiplexer redis, TimeProvider time)
    {
        _shared = new SharedAnswers(redis, By, "simulated", ledger, time);
        _answers = new AnswerCache(By, ledger, _shared, memoryBytes: 1024 * 1024, time);
        _ = _shared.RaiseWhatIsHeardAsync(_stopping.Token);
    }

    public override Task<CachedAnswer> GetAsync(string key, ChangeCursor notBefore, Func<Task<CachedAnswer>> load) =>
        _answers.GetAsync(key, notBefore, load, CancellationToken.None);

    public override void Begun() => _shared.Begun(By, ChangeCursor.Start);

    public override void Heard(Eviction eviction) => _shared.Heard(eviction);

    public override void Lost() => _shared.Lost(By);

    public override void Dispose()
    {
        _stopping.Cancel();
        _answers.Dispose();
        _shared.Dispose();
        _stopping.Dispose();
    }
}

/// <summary>What is often written instead: keeps what was loaded, removes what is evicted, and never asks which came first.</summary>
internal sealed class PlainCache(Dictionary<string, CachedAnswer> shared) : SimulatedCache
{
    private readonly Dictionary<string, CachedAnswer> _answers = [];

    public override async Task<CachedAnswer> GetAsync(string key, ChangeCursor notBefore, Func<Task<CachedAnswer>> load)
    {
        if (!_answers.TryGetValue(key, out var answer) && !shared.TryGetValue(key, out answer))
        {
            shared[key] = answer = await load();
        }
        return _answers[key] = answer;
    }

    public override void Begun() => _answers.Clear();

    public override void Heard(Eviction eviction)
    {
        foreach (var answers in new[] { _answers, shared })
        {
            foreach (var (key, answer) in answers.ToList())
            {
                if (eviction.Tags.Contains(Eviction.Everything) || answer.Tags.Any(eviction.Tags.Contains))
                {
                    answers.Remove(key);
                }
            }
        }
    }

    public override void Lost() => _answers.Clear();

    public override void Dispose() => _answers.Clear();
}
