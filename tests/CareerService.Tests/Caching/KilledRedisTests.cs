using System.Collections.Concurrent;
using System.Text.Json;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>
/// Redis is killed and started again, empty, while two instances are written to and read (fault 31): with it go the answers and what was
/// evicted of them, and neither is missed.
/// </summary>
[Collection(CareerServiceCollection.Name)]
public sealed class KilledRedisTests(CareerServiceFixture career, ServersFixture servers)
{
    private const int Careers = 20;

    // How long the news takes is measured where nothing else runs; beside other tests a read only has to have what its instance has heard of.
    private static readonly TimeSpan s_allowed = Sizes.Pick(quick: TimeSpan.FromMinutes(1), full: TimeSpan.FromSeconds(1));
    private static readonly TimeSpan s_phase = Sizes.Pick(quick: TimeSpan.FromSeconds(2), full: TimeSpan.FromSeconds(15));

    // Each career's versions, with where each is in the feed and when it was acknowledged.
    private readonly ConcurrentDictionary<string, (long Version, long Position, long At)[]> _written = new();
    private readonly ConcurrentBag<string> _faults = [];
    private int _reads;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_KilledAndStartedAgain_MakesNoAnswerOldAndNoRequestFail()
    {
        await using var redis = await KillableRedis.StartAsync(Token);
        var (database, broker) = (await servers.CreateDatabaseAsync(Token), await CareerServiceFixture.CreateBrokerAsync(servers, Token));
        await using var one = career.StartInstance(database, broker, redis.ConnectionString);
        await using var other = career.StartInstance(database, broker, redis.ConnectionString);
        foreach (var instance in new[] { one, other })
        {
            await CareerInstances.ListeningAsync(instance);
        }
        using var editor = career.CreateClient(Scopes.CareerWrite, one);
        using var oneReader = one.CreateClient();
        using var otherReader = other.CreateClient();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task[] load =
        [
            WriteOnAsync(editor, done.Token),
            ReadOnAsync(oneReader, one, done.Token),
            ReadOnAsync(otherReader, other, done.Token),
        ];

        await ReadForAPhaseAsync();
        await redis.KillAsync(Token);
        await ReadForAPhaseAsync();
        await redis.StartAgainAsync(Token);
        await ReadForAPhaseAsync();

        await done.CancelAsync();
        await Task.WhenAll(load);
        Assert.True(_faults.IsEmpty, $"{_faults.Count} faults of {_reads} reads, such as {string.Join("; ", _faults.Take(3))}");
        Assert.True(_reads > 100 && _written.Count == Careers, $"only {_reads} reads of {_written.Count} careers");
    }

    // As long as a phase takes, and until there was something to see in it, however slow the machine is.
    private Task ReadForAPhaseAsync()
    {
        var (since, before) = (TimeProvider.System.GetTimestamp(), Volatile.Read(ref _reads));
        return Eventually.TrueAsync(
            () => Task.FromResult(TimeProvider.System.GetElapsedTime(since) >= s_phase && Volatile.Read(ref _reads) > before + 40),
            s_phase + TimeSpan.FromMinutes(1),
            "a phase of reads",
            Token
        );
    }

    private async Task WriteOnAsync(HttpClient editor, CancellationToken cancellationToken)
    {
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            var slug = $"career-{i % Careers}";
            using var answer = await editor.PutAsync($"/api/v1/careers/{slug}", Json.Content($$"""{ "title": "Title {{i}}" }"""), Token);
            if (!answer.IsSuccessStatusCode)
            {
                _faults.Add($"PUT {slug}: {answer.StatusCode}");
                continue;
            }
            var version = (await Json.ReadAsync(answer)).GetProperty("version").GetInt64();
            var (position, at) = (CareerInstances.PositionOf(answer).Position, TimeProvider.System.GetTimestamp());
            _written.AddOrUpdate(slug, [(version, position, at)], (_, before) => [.. before, (version, position, at)]);
        }
    }

    private async Task ReadOnAsync(HttpClient reader, CareerServiceHost instance, CancellationToken cancellationToken)
    {
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            var slug = $"career-{i % Careers}";
            var heard = CareerInstances.HeardBy(instance);
            var expected = _written
                .GetValueOrDefault(slug, [])
                .Where(write => write.Position <= heard || TimeProvider.System.GetElapsedTime(write.At) > s_allowed)
                .Select(write => write.Version)
                .LastOrDefault();
            var seen = await reader.SeeAsync($"/api/v1/careers/{slug}", Token);
            _reads++;
            if (seen.Status >= 500 || VersionOf(seen) < expected)
            {
                _faults.Add($"GET {slug}, expected version {expected}, heard of {heard}: {seen}");
            }
        }
    }

    private static long VersionOf(SeenAnswer seen) =>
        seen.Status == 200 ? JsonDocument.Parse(seen.Body).RootElement.GetProperty("version").GetInt64() : 0;
}
