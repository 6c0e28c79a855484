using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using StackExchange.Redis;

namespace BackendGuide.ContentService.Tests;

[Collection(nameof(RunningContentService))]
public sealed class ServiceTests(RunningContentService service)
{
    private const string Guide = "/api/v1/guides/what-is-backend-development";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_instances_that_start_at_once_on_an_empty_database_seed_it_once()
    {
        var settings = await service.CreateSettingsAsync();

        var clients = await Task.WhenAll(Task.Run(() => service.Start(settings)), Task.Run(() => service.Start(settings)));

        foreach (var client in clients)
        {
            var list = await client.GetFromJsonAsync<JsonElement>("/api/v1/technologies", Token);
            Assert.Equal(18, list.GetProperty("items").GetArrayLength());
        }
        await using var database = NpgsqlDataSource.Create(settings["ConnectionStrings:content-db"]!);
        await using var count = database.CreateCommand("SELECT count(*) FROM feed");
        Assert.Equal(19L, await count.ExecuteScalarAsync(Token));
    }

    [Fact]
    public async Task A_cached_body_is_the_uncached_one_and_comes_from_Redis()
    {
        var settings = await service.CreateSettingsAsync();
        var client = service.Start(settings);
        using var first = await client.GetAsync(Guide, Token);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(settings["ConnectionStrings:cache"]!);
        var pattern = $"*{settings["ReadCache:KeyPrefix"]}:content:*:answer:*";
        await BackendGuide.Testing.Eventually.EqualAsync(
            1,
            async () => await redis.GetServers()[0].KeysAsync(pattern: pattern).CountAsync(Token),
            TimeSpan.FromSeconds(60),
            "the guide in Redis",
            Token
        );

        using var second = await client.GetAsync(Guide, Token);

        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Token), await second.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(first.Content.Headers.LastModified, second.Content.Headers.LastModified);
    }

    [Fact]
    public async Task Without_Redis_and_RabbitMQ_reads_and_writes_go_on_and_health_is_degraded()
    {
        var settings = await service.CreateSettingsAsync();
        settings["ConnectionStrings:cache"] = "127.0.0.1:1";
        settings["ConnectionStrings:messaging"] = "amqp://guest:guest@127.0.0.1:1";
        var client = service.Start(settings);

        using var read = await client.GetAsync(Guide, Token);
        var health = await client.GetFromJsonAsync<JsonElement>("/health", Token);

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Equal("Degraded", health.GetProperty("status").GetString());
        Assert.Equal("Degraded", health.GetProperty("checks").GetProperty("redis").GetProperty("status").GetString());
        Assert.Equal("Degraded", health.GetProperty("checks").GetProperty("rabbitmq").GetProperty("status").GetString());
    }
}
