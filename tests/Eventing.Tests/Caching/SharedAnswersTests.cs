using System.Diagnostics;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Tests.Caching.Simulated;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace BackendGuide.Eventing.Tests.Caching;

public sealed class SharedAnswersTests(ServersFixture servers) : IAsyncLifetime
{
    private const string By = "content";
    private const string Key = "one";

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly Guid s_epoch = Guid.NewGuid();
    private static readonly Representation s_body = Representation.Create(1, "{}"u8.ToArray(), "application/json", default);

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _time = new();
    private readonly string _prefix = servers.CreateKeyPrefix();
    private ConnectionMultiplexer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(servers.RedisConnectionString);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Fact]
    public async Task Answer_ReadBeforeAnEvictionAndKeptAfterIt_IsRefused()
    {
        var (ledger, shared) = Start(_redis, at: 5);
        await HearAsync(ledger, shared, Of(6, "guide:a"));

        await shared.KeepAsync(Key, Answer(5), AnswerCache.TimeToLive);
        Assert.Null(await shared.ReadAsync(Key));

        await shared.KeepAsync(Key, Answer(6), AnswerCache.TimeToLive);
        Assert.Equal(At(6), (await shared.ReadAsync(Key))?.Since);
    }

    [Fact]
    public async Task Answer_KeptBeforeItsEviction_IsNotFoundAfterIt()
    {
        var (ledger, shared) = Start(_redis, at: 5);
        await shared.KeepAsync(Key, Answer(5), AnswerCache.TimeToLive);
        Assert.NotNull(await shared.ReadAsync(Key));

        await HearAsync(ledger, shared, Of(6, Eviction.Everything));

        Assert.Null(await shared.ReadAsync(Key));
    }

    [Fact]
    public async Task Answer_OlderThanTheOneThatIsThere_DoesNotReplaceIt()
    {
        var (_, shared) = Start(_redis, at: 5);
        await shared.KeepAsync(Key, Answer(7), AnswerCache.TimeToLive);
        await shared.KeepAsync(Key, Answer(6), AnswerCache.TimeToLive);
        Assert.Equal(At(7), (await shared.ReadAsync(Key))?.Since);
    }

    [Fact]
    public async Task Answer_OfOthers_HoldsForAFreshInstanceOnlyAsFarAsFloorsWereRaised()
    {
        var (ledger, shared) = Start(_redis, at: 5);
        await HearAsync(ledger, shared, Eviction.Heartbeat(By, EventSources.Content, s_epoch, 5));
        await shared.KeepAsync(Key, Answer(5), AnswerCache.TimeToLive);
        await HearAsync(ledger, shared, Of(6, "guide:other"));
        var (_, fresh) = Start(_redis, at: 7);
        Assert.Equal(At(5), (await fresh.ReadAsync(Key))?.Holds); // nobody has raised for long enough to say more

        _time.Advance(TimeSpan.FromMinutes(4));
        await HearAsync(ledger, shared, Of(7, "guide:other"));

        Assert.Equal(At(7), (await fresh.ReadAsync(Key))?.Holds);
        Assert.Equal(At(5), (await fresh.ReadAsync(Key))?.Since);
    }

    [Fact]
    public void Floor_ThatCouldNotBeRaised_IsNotClaimedByWhoFillsTheHoleBeforeIt()
    {
        var (redis, isAway, pump) = (new ModelRedis(), false, new Pump());
        var connection = redis.Connect(command =>
            isAway ? Task.FromException<RedisResult>(new RedisException("away")) : Task.FromResult(command())
        );
        CachedAnswer? read = null;
        EvictionLedger ledger = null!;
        pump.Within(() =>
        {
            (ledger, var shared) = Start(connection, at: 5);
            _ = shared.KeepAsync(Key, Answer(5), AnswerCache.TimeToLive);
            Heard(Eviction.Heartbeat(By, EventSources.Content, s_epoch, 5));
            _time.Advance(TimeSpan.FromMinutes(4));
            Heard(Of(6, "guide:other"));
            _ = ReadAsync();
            Assert.Equal(At(6), read?.Holds);

            isAway = true;
            Heard(Of(8, "guide:a"));
            isAway = false;
            _time.Advance(TimeSpan.FromSeconds(6)); // it is asked again
            Heard(Of(6, "guide:other"));
            Heard(Of(7, "guide:other"));
            _ = ReadAsync();

            void Heard(Eviction eviction)
            {
                Hear(ledger, shared, eviction);
                while (pump.Ready > 0)
                {
                    pump.Go(0);
                }
            }

            async Task ReadAsync() => read = await shared.ReadAsync(Key);
        });

        Assert.Equal(At(8), ledger.Reached(By));
        Assert.Equal(At(6), read?.Holds);
    }

    [Fact]
    public async Task Redis_ThatStandsStill_IsNothingFoundInAMomentAndIsLeftAlone()
    {
        await using var way = ProxiedServer.Redis(servers.RedisConnectionString);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(way.ConnectionString);
        var ledger = new EvictionLedger(TimeProvider.System, TimeSpan.FromMinutes(3));
        using var shared = new SharedAnswers(redis, By, _prefix, ledger, TimeProvider.System);
        await shared.KeepAsync(Key, Answer(5) with { LoadedAt = TimeProvider.System.GetUtcNow() }, AnswerCache.TimeToLive);
        await Eventually.TrueAsync(async () => await shared.ReadAsync(Key) is not null, s_deadline, "the answer in Redis", _cancelled);
        way.Proxy.Stall();

        var since = Stopwatch.StartNew();
        Assert.Null(await shared.ReadAsync(Key));
        var first = since.Elapsed;
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(await shared.ReadAsync(Key));
            await shared.KeepAsync(Key, Answer(5), AnswerCache.TimeToLive);
        }
        way.Proxy.Resume();

        Assert.InRange(first, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(3)); // 100 ms, and what a busy machine adds
        Assert.InRange(since.Elapsed - first, TimeSpan.Zero, TimeSpan.FromSeconds(3)); // not 100 times as long
        await Eventually.TrueAsync(async () => await shared.ReadAsync(Key) is not null, s_deadline, "Redis is asked again", _cancelled);
    }

    [Fact]
    public async Task Redis_KilledAndStartedEmpty_GivesNothingFromBefore()
    {
        await using var own = new OwnRedis();
        var settings = ConfigurationOptions.Parse($"{own.ConnectionString},abortConnect=false");
        settings.BacklogPolicy = BacklogPolicy.FailFast; // as the services have it: what cannot be sent is not sent later
        await using var redis = await ConnectionMultiplexer.ConnectAsync(settings);
        var ledger = new EvictionLedger(TimeProvider.System, TimeSpan.FromMinutes(3));
        using var shared = new SharedAnswers(redis, By, _prefix, ledger, TimeProvider.System);
        ledger.Begin(By, At(5));
        _ = shared.RaiseWhatIsHeardAsync(_cancelled);
        Task Keep(long position) =>
            shared.KeepAsync(Key, Answer(position) with { LoadedAt = TimeProvider.System.GetUtcNow() }, AnswerCache.TimeToLive);
        await FoundAfterAsync(() => Keep(5));

        await own.KillAsync();
        Hear(ledger, shared, Of(6, "guide:a")); // its floor is lost
        Assert.Null(await shared.ReadAsync(Key));
        own.Start();
        await FoundAfterAsync(() => Keep(5)); // a slow instance puts its old answer back: nobody is there to refuse it

        using var cache = new AnswerCache(By, ledger, shared, 1024 * 1024, TimeProvider.System);
        var read = await cache.GetAsync(Key, ChangeCursor.Start, () => Task.FromResult(Answer(6)), _cancelled);
        Assert.Equal(At(6), read.Since);
        // Nor does an instance that begins now take it for true: it does not hold up to where the service is.
        var fresh = new EvictionLedger(TimeProvider.System, TimeSpan.FromMinutes(3));
        fresh.Begin(By, At(6));
        using var another = new AnswerCache(By, fresh, shared, 1024 * 1024, TimeProvider.System);
        Assert.Equal(At(6), (await another.GetAsync(Key, ChangeCursor.Start, () => Task.FromResult(Answer(6)), _cancelled)).Since);

        Task FoundAfterAsync(Func<Task> keep) =>
            Eventually.TrueAsync(
                async () =>
                {
                    await keep();
                    return await shared.ReadAsync(Key) is not null;
                },
                s_deadline,
                "the answer in Redis",
                _cancelled
            );
    }

    private (EvictionLedger, SharedAnswers) Start(IConnectionMultiplexer redis, long at)
    {
        var ledger = new EvictionLedger(_time, TimeSpan.FromMinutes(3));
        ledger.Begin(By, At(at));
        var shared = new SharedAnswers(redis, By, _prefix, ledger, _time);
        _ = shared.RaiseWhatIsHeardAsync(_cancelled);
        return (ledger, shared);
    }

    private static void Hear(EvictionLedger ledger, SharedAnswers shared, Eviction eviction)
    {
        ledger.Take(eviction);
        shared.Heard(eviction);
    }

    // What is raised after it, of another tag, says that it is raised too.
    private async Task HearAsync(EvictionLedger ledger, SharedAnswers shared, Eviction eviction)
    {
        var mark = $"mark:{Guid.NewGuid():N}";
        Hear(ledger, shared, eviction);
        Hear(ledger, shared, Of(eviction.To, mark));
        var database = _redis.GetDatabase();
        await Eventually.TrueAsync(
            () => database.KeyExistsAsync($"{{{_prefix}}}:floor:{mark}"),
            s_deadline,
            "the floor in Redis",
            _cancelled
        );
    }

    private static Eviction Of(long position, string tag) => new(By, EventSources.Content, s_epoch, position, position, [tag], []);

    private CachedAnswer Answer(long position) => new(s_body, ["guide:a"], At(position), At(position), _time.GetUtcNow());

    private static ChangeCursor At(long position) => ChangeCursor.Start.With(EventSources.Content, new FeedPosition(s_epoch, position));
}
