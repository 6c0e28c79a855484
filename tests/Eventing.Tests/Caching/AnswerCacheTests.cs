using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Eventing.Tests.Caching;

public sealed class AnswerCacheTests : IDisposable
{
    private const string By = "content";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly Guid s_epoch = Guid.NewGuid();
    private static readonly Representation s_body = Representation.Create(1, "{}"u8.ToArray(), "application/json", default);

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _time = new();
    private readonly NothingShared _shared = new();
    private readonly EvictionLedger _ledger;
    private readonly AnswerCache _cache;
    private int _loads;

    public AnswerCacheTests()
    {
        _ledger = new EvictionLedger(_time, TimeSpan.FromMinutes(3));
        _ledger.Begin(By, At(5));
        _ledger.Listen(By);
        _cache = new AnswerCache(By, _ledger, _shared, 1024 * 1024, _time);
    }

    [Fact]
    public async Task Readers_OfTheSameAtOnce_ShareOneLoad()
    {
        var database = new TaskCompletionSource<CachedAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reads = Enumerable.Range(0, 1_000).Select(_ => Task.Run(() => GetAsync(() => database.Task), _cancelled)).ToList();
        database.SetResult(Answer(5));

        Assert.All(await Task.WhenAll(reads).WaitAsync(s_deadline, _cancelled), answer => Assert.Equal(At(5), answer.Since));
        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task Reader_WhoComesDuringALoadAndWantsMore_StartsAnother()
    {
        var old = new TaskCompletionSource<CachedAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = GetAsync(() => old.Task);
        var later = GetAsync(() => Task.FromResult(Answer(7)), notBefore: 7);
        Assert.Equal(1, _loads);

        old.SetResult(Answer(5));

        Assert.Equal(At(5), (await first.WaitAsync(s_deadline, _cancelled)).Since);
        Assert.Equal(At(7), (await later.WaitAsync(s_deadline, _cancelled)).Since);
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task Load_ThatReadBeforeAnEvictionOfItsTag_IsGivenToWhoAskedBeforeAndNotKept()
    {
        var old = new TaskCompletionSource<CachedAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = GetAsync(() => old.Task);
        _ledger.Take(new Eviction(By, EventSources.Content, s_epoch, 6, 6, ["guide:a"], []));
        var after = GetAsync(() => Task.FromResult(Answer(6)));

        old.SetResult(Answer(5));

        Assert.Equal(At(5), (await before.WaitAsync(s_deadline, _cancelled)).Since);
        Assert.Equal(At(6), (await after.WaitAsync(s_deadline, _cancelled)).Since);
        Assert.Equal([At(6)], _shared.Kept.Select(answer => answer.Since));
    }

    [Fact]
    public async Task Load_ThatFails_FailsForAllWhoWaitAndIsTriedAgain()
    {
        var database = new TaskCompletionSource<CachedAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reads = Enumerable.Range(0, 10).Select(_ => GetAsync(() => database.Task)).ToList();
        database.SetException(new TimeoutException("the database"));
        foreach (var read in reads)
        {
            Assert.Equal(
                "the database",
                (await Assert.ThrowsAsync<TimeoutException>(() => read.WaitAsync(s_deadline, _cancelled))).Message
            );
        }
        Assert.Equal(1, _loads);

        Assert.Equal(At(5), (await GetAsync(() => Task.FromResult(Answer(5)))).Since);
    }

    [Fact]
    public async Task Answer_IsKeptForAMinuteAndANoneForFiveSeconds()
    {
        Task<CachedAnswer> Load() => Task.FromResult(Answer(5));
        Task<CachedAnswer> LoadNone() => Task.FromResult(Answer(5) with { Body = null });
        await GetAsync(Load);
        await GetAsync(LoadNone, "none");
        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromMilliseconds(1));
        await GetAsync(LoadNone, "none");
        Assert.Equal(2, _loads);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await GetAsync(LoadNone, "none");
        Assert.Equal(3, _loads);

        _time.Advance(AnswerCache.TimeToLive - AnswerCache.LeftForGateways - TimeSpan.FromSeconds(5) - TimeSpan.FromMilliseconds(1));
        await GetAsync(Load);
        Assert.Equal(3, _loads);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await GetAsync(Load);
        Assert.Equal(4, _loads);
        Assert.All(_shared.Kept, answer => Assert.NotNull(answer.Body));
    }

    [Fact]
    public async Task Answer_WhereEvictionsAreNotHeard_IsNoOlderThanHalfAMinuteWhereItIsKeptNext()
    {
        await GetAsync(() => Task.FromResult(Answer(5)));
        _ledger.Deafen();
        _time.Advance(AnswerCache.TimeToLiveUnheard - AnswerCache.LeftForGateways - TimeSpan.FromMilliseconds(1));
        await GetAsync(() => Task.FromResult(Answer(5)));
        Assert.Equal(1, _loads);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await GetAsync(() => Task.FromResult(Answer(5)));

        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task None_IsEvictedByTheTagOfWhatWouldBeThere()
    {
        await GetAsync(() => Task.FromResult(Answer(5) with { Body = null }));
        _ledger.Take(new Eviction(By, EventSources.Content, s_epoch, 6, 6, ["guide:a"], []));
        Assert.NotNull((await GetAsync(() => Task.FromResult(Answer(6)))).Body);
    }

    [Fact]
    public async Task Answer_WhoseTagsWereNotEvicted_HoldsAsFarAsEverythingWasHeard()
    {
        await GetAsync(() => Task.FromResult(Answer(5)));
        _ledger.Take(new Eviction(By, EventSources.Content, s_epoch, 6, 9, ["guide:other"], []));

        var answer = await GetAsync(() => Task.FromResult(Answer(9)), notBefore: 9);

        Assert.Equal((At(5), At(9), 1), (answer.Since, answer.Holds, _loads));
    }

    [Fact]
    public async Task Answer_OfWhichNobodyHeardAChangeWithoutAPosition_IsGivenForAMinuteAtMost()
    {
        await GetAsync(() => Task.FromResult(Answer(5)));
        // A parked event is applied, and its announcement is lost with the connection: no position is missing.
        _ledger.Prepare();
        _ledger.Begin(By, At(5));
        await GetAsync(() => Task.FromResult(Answer(5)));
        Assert.Equal(1, _loads);

        _time.Advance(AnswerCache.TimeToLive);
        await GetAsync(() => Task.FromResult(Answer(5)));

        Assert.Equal(2, _loads);
    }

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Answer_FromBehindAHole_IsAsIfReadAfterItWhenTheHoleIsClosedAndWasAboutSomethingElse()
    {
        await GetAsync(() => Task.FromResult(Answer(5) with { Seen = At(7) }));
        var during = await GetAsync(() => Task.FromResult(Answer(9)));
        _ledger.Take(new Eviction(By, EventSources.Content, s_epoch, 6, 7, ["guide:b"], []));

        var after = await GetAsync(() => Task.FromResult(Answer(9)));

        Assert.Equal((At(5), At(7)), (during.Since, during.Seen));
        Assert.Equal((At(7), At(7), 1), (after.Since, after.Seen, _loads));
    }

    [Fact]
    public async Task Answer_FromBehindAHoleThatWasAboutIt_IsReadAnew()
    {
        await GetAsync(() => Task.FromResult(Answer(5) with { Seen = At(7) }));
        _ledger.Take(new Eviction(By, EventSources.Content, s_epoch, 6, 6, ["guide:a"], []));
        _ledger.Take(new Eviction(By, EventSources.Content, s_epoch, 7, 7, ["guide:b"], []));

        var after = await GetAsync(() => Task.FromResult(Answer(7)));

        Assert.Equal((At(7), 2), (after.Since, _loads));
    }

    private Task<CachedAnswer> GetAsync(Func<Task<CachedAnswer>> load, string key = "one", long? notBefore = null) =>
        _cache.GetAsync(
            key,
            notBefore is { } position ? At(position) : ChangeCursor.Start,
            () =>
            {
                Interlocked.Increment(ref _loads);
                return load();
            },
            _cancelled
        );

    private CachedAnswer Answer(long position) => new(s_body, ["guide:a"], At(position), At(position), _time.GetUtcNow());

    private static ChangeCursor At(long position) => ChangeCursor.Start.With(EventSources.Content, new FeedPosition(s_epoch, position));

    private sealed class NothingShared : ISharedAnswers
    {
        public List<CachedAnswer> Kept { get; } = [];

        public Task<CachedAnswer?> ReadAsync(string key) => Task.FromResult<CachedAnswer?>(null);

        public Task KeepAsync(string key, CachedAnswer answer, TimeSpan timeToLive)
        {
            Kept.Add(answer);
            return Task.CompletedTask;
        }
    }
}
