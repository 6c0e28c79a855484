using System.Reflection;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Tests.Caching.Simulated;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.Testing;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace BackendGuide.Eventing.Tests.Caching;

/// <summary>Holds what the simulation takes for Redis to the real one: the same steps, the same answers.</summary>
public sealed class SharedAnswersModelTests(ServersFixture servers)
{
    private const string By = "content";
    private const int Steps = 400;

    private static readonly string[] s_tags = ["a", "b", "c", Eviction.Everything];
    private static readonly Representation s_body = Representation.Create(1, "{}"u8.ToArray(), "application/json", default);

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Model_GivenTheSameStepsAsRedis_AnswersTheSame(int seed)
    {
        var random = new Random(seed);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(servers.RedisConnectionString);
        var prefix = servers.CreateKeyPrefix();
        var model = new ModelRedis();
        Instance[] instances = [.. Enumerable.Range(0, 2).Select(_ => new Instance(redis, model, prefix, _time))];
        Guid[] epochs = [Guid.NewGuid(), Guid.NewGuid()];
        long[] heads = [0, 0];
        var (found, higher) = (0, 0);
        for (var step = 0; step < Steps; step++)
        {
            var instance = instances[random.Next(instances.Length)];
            var own = random.Next(2) == 0;
            var source = own ? EventSources.Content : EventSources.Career;
            var key = $"key {random.Next(3)}";
            switch (random.Next(40))
            {
                case 0 when random.Next(3) == 0:
                    instance.Begin(At(back: 0));
                    break;
                case 1 when source == EventSources.Career:
                    epochs[1] = random.Next(4) == 0 ? Guid.NewGuid() : epochs[1];
                    break;
                case < 16:
                    string[] tags = [.. s_tags.Where(_ => random.Next(6) == 0)];
                    // The next positions to both, or late ones, or none, to one.
                    var isNext = random.Next(4) > 0;
                    var from = isNext ? heads[own ? 0 : 1] + 1 : Math.Max(1, heads[own ? 0 : 1] - random.Next(3) + 1);
                    var to = isNext ? from + random.Next(2) : from - random.Next(2);
                    heads[own ? 0 : 1] = Math.Max(to, heads[own ? 0 : 1]);
                    foreach (var listener in isNext ? instances : [instance])
                    {
                        await listener.HearAsync(new Eviction(By, source, epochs[own ? 0 : 1], from, to, tags, []), _cancelled);
                    }
                    break;
                case < 26:
                    var since = At(back: random.Next(3));
                    string[] madeOf = [.. s_tags.Take(3).Where(_ => random.Next(2) == 0), "d"];
                    var answer = new CachedAnswer(s_body, madeOf, since, since, _time.GetUtcNow());
                    await instance.Real.KeepAsync(key, answer, AnswerCache.TimeToLive);
                    await instance.Model.KeepAsync(key, answer, AnswerCache.TimeToLive);
                    break;
                case 26:
                    _time.Advance(TimeSpan.FromMinutes(4)); // long enough to claim what was raised since
                    break;
                default:
                    var read = await instance.Real.ReadAsync(key);
                    var modelled = await instance.Model.ReadAsync(key);
                    Assert.Equal((read?.Since, read?.Holds, read?.LoadedAt), (modelled?.Since, modelled?.Holds, modelled?.LoadedAt));
                    Assert.Equal(read?.Tags, modelled?.Tags);
                    found += read is null ? 0 : 1;
                    higher += read is null || read.Since.Equals(read.Holds) ? 0 : 1;
                    break;
            }
        }
        Assert.True(found > 10 && higher > 0, $"{found} found, {higher} of them known to hold further");

        ChangeCursor At(long back) =>
            ChangeCursor
                .Start.With(EventSources.Content, new FeedPosition(epochs[0], Math.Max(0, heads[0] - back)))
                .With(EventSources.Career, new FeedPosition(epochs[1], Math.Max(0, heads[1] - back)));
    }

    /// <summary>One ledger, and what is shared by it in both.</summary>
    private sealed class Instance
    {
        private readonly EvictionLedger _ledger;
        private int _raised;

        public Instance(IConnectionMultiplexer redis, ModelRedis model, string prefix, TimeProvider time)
        {
            _ledger = new EvictionLedger(time, TimeSpan.FromMinutes(3));
            Real = new SharedAnswers(Counting(redis), By, prefix, _ledger, time);
            Model = new SharedAnswers(model.Connect(command => Count(Task.FromResult(command()))), By, prefix, _ledger, time);
            _ = Real.RaiseWhatIsHeardAsync(TestContext.Current.CancellationToken);
            _ = Model.RaiseWhatIsHeardAsync(TestContext.Current.CancellationToken);
        }

        public SharedAnswers Real { get; }

        public SharedAnswers Model { get; }

        public void Begin(ChangeCursor positions)
        {
            if (_ledger.Begin(By, positions))
            {
                Real.Begun(By, positions);
                Model.Begun(By, positions);
            }
        }

        public async Task HearAsync(Eviction eviction, CancellationToken cancellationToken)
        {
            _ledger.Take(eviction);
            var raises = _ledger.Reached(By).Of(eviction.Source)?.Epoch == eviction.Epoch;
            var raised = Volatile.Read(ref _raised) + (raises ? 2 : 0);
            Real.Heard(eviction);
            Model.Heard(eviction);
            await Eventually.EqualAsync(
                raised,
                () => Task.FromResult(Volatile.Read(ref _raised)),
                TimeSpan.FromSeconds(60),
                "floors raised in both",
                cancellationToken
            );
        }

        private IConnectionMultiplexer Counting(IConnectionMultiplexer redis)
        {
            var database = DispatchProxy.Create<IDatabase, AnsweringProxy>();
            ((AnsweringProxy)(object)database).Answer = args =>
                Count(
                    redis.GetDatabase().ScriptEvaluateAsync((string)args[0]!, (RedisKey[])args[1]!, (RedisValue[])args[2]!),
                    IsRaise(args)
                );
            var connection = DispatchProxy.Create<IConnectionMultiplexer, AnsweringProxy>();
            ((AnsweringProxy)(object)connection).Answer = _ => database;
            return connection;
        }

        private static bool IsRaise(object?[] args) => ((RedisValue[])args[2]!).Length == 8;

        private async Task<RedisResult> Count(Task<RedisResult> command, bool isRaise = true)
        {
            var result = await command;
            Interlocked.Add(ref _raised, isRaise ? 1 : 0);
            return result;
        }
    }
}
