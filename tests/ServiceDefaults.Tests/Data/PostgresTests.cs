using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BackendGuide.ServiceDefaults.Tests.Data;

public sealed class PostgresTests
{
    private const string Setting = "ConnectionStrings:thing-db";

    [Theory]
    [InlineData(null, "is missing")]
    [InlineData(" ", "is missing")]
    [InlineData("Host=x;Pasword=hunter2", "is not a connection string")]
    [InlineData("Host=x;Timeout=long;Password=hunter2", "is not a connection string")]
    public async Task Start_WithoutAUsableConnectionString_FailsAndNamesTheSetting(string? value, string fault)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(value));

        Assert.Contains($"{Setting} (environment variable ConnectionStrings__thing-db) {fault}", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithSeveralFaultySettings_NamesThemAll()
    {
        var failure = await Assert.ThrowsAsync<AggregateException>(() =>
            TestService.StartAsync(builder => builder.AddPostgres("thing-db").AddRedis("thing-cache"))
        );

        Assert.Contains(Setting, failure.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:thing-cache", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataSource_WithABareConnectionString_HasOurLimits()
    {
        await using var service = await StartAsync("Host=127.0.0.1");
        var limits = new NpgsqlConnectionStringBuilder(service.App.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);

        Assert.Equal((5, 30, 20), (limits.Timeout, limits.CommandTimeout, limits.MaxPoolSize));
        Assert.Equal(service.App.Environment.ApplicationName, limits.ApplicationName);
    }

    [Fact]
    public async Task DataSource_WithLimitsInTheConnectionString_KeepsThose()
    {
        await using var service = await StartAsync("Host=127.0.0.1;timeout=7;CommandTimeout=8;MaxPoolSize=9;ApplicationName=other");
        var limits = new NpgsqlConnectionStringBuilder(service.App.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);

        Assert.Equal((7, 8, 9, "other"), (limits.Timeout, limits.CommandTimeout, limits.MaxPoolSize, limits.ApplicationName));
    }

    [Fact]
    public async Task Health_WithPostgresAway_IsUnhealthy()
    {
        await using var service = await StartAsync($"Host=127.0.0.1;Port={SilentServer.ClosedPort()}");
        await ExpectUnhealthyAsync(service, "cannot be reached");
    }

    [Fact]
    public async Task Health_WithPostgresSilent_IsUnhealthyAfterTwoSeconds()
    {
        using var silent = new SilentServer();
        await using var service = await StartAsync($"Host=127.0.0.1;Port={silent.Port}");
        var watch = Stopwatch.StartNew();
        await ExpectUnhealthyAsync(service, "no answer in time");

        Assert.InRange(watch.Elapsed.TotalSeconds, 1.9, 4);
    }

    private static Task<TestService> StartAsync(string? connectionString) =>
        TestService.StartAsync(
            builder => builder.AddPostgres("thing-db"),
            settings: new Dictionary<string, string?> { [Setting] = connectionString }
        );

    private static async Task ExpectUnhealthyAsync(TestService service, string detail)
    {
        using var response = await service.Client.GetAsync("/health", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(
            """{"status":"Unhealthy","checks":{"postgres":{"status":"Unhealthy","detail":"_"}}}""".Replace(
                "_",
                detail,
                StringComparison.Ordinal
            ),
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
        );
    }
}
