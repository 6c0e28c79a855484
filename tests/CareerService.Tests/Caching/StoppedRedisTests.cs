using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.CareerService.Tests.Caching;

/// <summary>Redis stands still: it is connected, and answers nobody (fault 32). A read then goes to the database, and soon without asking.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class StoppedRedisTests(CareerServiceFixture career, ServersFixture servers)
{
    private const int Readers = 4;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stopped = Sizes.Pick(quick: TimeSpan.FromSeconds(7), full: TimeSpan.FromSeconds(30));

    // What a read may wait for Redis, and for how long it is left alone then.
    private static readonly TimeSpan s_leftAlone = TimeSpan.FromSeconds(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_ThatStandsStill_FailsNoReadAndIsHardlyEverWaitedFor()
    {
        await using var redis = await KillableRedis.StartAsync(Token);
        var (database, broker) = (await servers.CreateDatabaseAsync(Token), await CareerServiceFixture.CreateBrokerAsync(servers, Token));
        await using var service = career.StartInstance(database, broker, redis.ConnectionString, memoryMegabytes: 0);
        await CareerInstances.ListeningAsync(service);
        var slug = career.NewSlug();
        using (var editor = career.CreateClient(Scopes.CareerWrite, service))
        using (var put = await editor.PutAsync($"/api/v1/careers/{slug}", Json.Content("""{ "title": "Read without Redis" }"""), Token))
        {
            put.EnsureSuccessStatusCode();
        }
        using var client = service.CreateClient();
        await ComesFromAsync("redis", client, slug);

        await redis.StopAsync();
        using var reads = new CacheReads();
        using var errors = new CacheErrors();
        var (since, failed) = (TimeProvider.System.GetTimestamp(), 0);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => ReadOnAsync()));
        }
        finally
        {
            await redis.ContinueAsync();
        }

        Assert.Equal(0, failed);
        Assert.Contains("database", reads.Results);
        // Those that were under way when it was asked in vain, each time that it was asked.
        var timesAsked = Math.Floor(TimeProvider.System.GetElapsedTime(since) / s_leftAlone) + 1;
        Assert.InRange(errors.Count, 1, (Readers + 1) * timesAsked); // a reader each, and what raises the floors
        await ComesFromAsync("redis", client, slug);

        async Task ReadOnAsync()
        {
            while (TimeProvider.System.GetElapsedTime(since) < s_stopped)
            {
                if ((await client.SeeAsync($"/api/v1/careers/{slug}", Token)).Status != 200)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        }
    }

    private static async Task ComesFromAsync(string where, HttpClient client, string slug)
    {
        using var reads = new CacheReads();
        await Eventually.TrueAsync(
            async () =>
            {
                var isRead = (await client.SeeAsync($"/api/v1/careers/{slug}", Token)).Status == 200;
                return isRead && reads.Results.Contains(where);
            },
            s_deadline,
            $"an answer from {where}",
            Token
        );
    }
}
