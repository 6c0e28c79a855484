using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace BackendGuide.ServiceDefaults.Tests.Data;

public sealed class RedisTests
{
    private const string Setting = "ConnectionStrings:thing-cache";

    [Theory]
    [InlineData(null, "is missing")]
    [InlineData("localhost,connectTimeout=long,password=hunter2", "is not a connection string")]
    public async Task Start_WithoutAUsableConnectionString_FailsAndNamesTheSetting(string? value, string fault)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(value));

        Assert.Contains(
            $"{Setting} (environment variable ConnectionStrings__thing-cache) {fault}",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("hunter2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_WithRedisAway_IsDegraded()
    {
        await using var service = await StartAsync($"127.0.0.1:{SilentServer.ClosedPort()}");
        await ExpectDegradedAsync(service);
    }

    [Fact]
    public async Task Health_WithRedisSilent_IsDegradedWithinThreeSeconds()
    {
        using var silent = new SilentServer();
        await using var service = await StartAsync($"127.0.0.1:{silent.Port}");
        var watch = Stopwatch.StartNew();
        await ExpectDegradedAsync(service);

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 3);
    }

    [Fact]
    public async Task Command_WithRedisAway_FailsAtOnce()
    {
        await using var service = await StartAsync($"127.0.0.1:{SilentServer.ClosedPort()}");
        var redis = service.App.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var watch = Stopwatch.StartNew();

        await Assert.ThrowsAsync<RedisConnectionException>(() => redis.StringGetAsync("key"));
        Assert.InRange(watch.Elapsed.TotalMilliseconds, 0, 400);
    }

    [Fact]
    public void Settings_InTheConnectionString_KeepWhatIsNotOurs()
    {
        var options = RedisExtensions.Configure("cache:6380,ssl=true,password=x,connectTimeout=9000", "Thing");

        Assert.True(options.Ssl);
        Assert.Equal("x", options.Password);
        Assert.Equal("Thing", options.ClientName);
        Assert.Equal(
            (500, 500, 500, false),
            (options.ConnectTimeout, options.AsyncTimeout, options.SyncTimeout, options.AbortOnConnectFail)
        );
    }

    private static Task<TestService> StartAsync(string? connectionString) =>
        TestService.StartAsync(
            builder => builder.AddRedis("thing-cache"),
            settings: new Dictionary<string, string?> { [Setting] = connectionString }
        );

    private static async Task ExpectDegradedAsync(TestService service)
    {
        using var response = await service.Client.GetAsync("/health", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """{"status":"Degraded","checks":{"redis":{"status":"Degraded","detail":"no answer; reads are slower without it"}}}""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
        );
    }
}
