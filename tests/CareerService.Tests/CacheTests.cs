using System.Net;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests;

[Collection(CareerServiceCollection.Name)]
public sealed class CacheTests(CareerServiceFixture career)
{
    // Nothing listens there.
    private const string NoRedis = "127.0.0.1:1,abortConnect=false";

    [Theory]
    [InlineData("")]
    [InlineData("/learning-path")]
    public async Task Read_FromMemoryAndFromRedis_IsTheSameToTheByteAsFromTheDatabase(string part)
    {
        var slug = career.NewSlug();
        await career.PutAsync(slug, Bodies.Whole());
        var path = $"/api/v1/careers/{slug}{part}";
        await using var withoutRedis = career.StartInstance(redis: NoRedis);
        await using var another = career.StartInstance();
        using var reads = new CacheReads();

        var loaded = await ReadAsync(career.Reader, path);
        var fromMemory = await ReadAsync(career.Reader, path);
        Assert.Equal(["database", "memory"], reads.Results);
        await Eventually.TrueAsync(
            async () => (await career.ReadSharedAsync()).Any(answer => answer.Contains(slug, StringComparison.Ordinal)),
            TimeSpan.FromSeconds(60),
            "the answer in Redis",
            TestContext.Current.CancellationToken
        );
        var fromRedis = await ReadAsync(another.CreateClient(), path);
        Assert.Equal(["database", "memory", "redis"], reads.Results);
        var uncached = await ReadAsync(withoutRedis.CreateClient(), path);

        Assert.Equal([loaded, loaded, loaded], [fromMemory, fromRedis, uncached]);
    }

    [Fact]
    public async Task Write_WithRedisAway_IsReadAtOnceAndHealthSaysDegraded()
    {
        var slug = career.NewSlug();
        await using var withoutCache = career.StartInstance(redis: NoRedis);
        using var client = withoutCache.CreateClient();
        await career.PutAsync(slug, Bodies.Whole());

        using var answer = await client.GetAsync($"/api/v1/careers/{slug}", TestContext.Current.CancellationToken);
        var health = await client.GetJsonAsync("/health");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("Degraded", health.GetProperty("checks").GetProperty("redis").Text("status"));
    }

    private static async Task<string> ReadAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return $"{answer.Headers.ETag} {answer.Content.Headers.LastModified:O} {answer.Content.Headers.ContentType}\n{body}";
    }
}
