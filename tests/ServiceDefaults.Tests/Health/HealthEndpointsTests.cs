using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.ServiceDefaults.Tests.Health;

public sealed class HealthEndpointsTests
{
    [Fact]
    public async Task Health_WithoutChecks_IsHealthyInTheContractsShape()
    {
        await using var service = await TestService.StartAsync();
        using var response = await service.Client.GetAsync("/health", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        var json = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("""{"status":"Healthy","checks":{}}""", json);
    }

    [Theory]
    [InlineData(HealthStatus.Degraded, HttpStatusCode.OK)]
    [InlineData(HealthStatus.Unhealthy, HttpStatusCode.ServiceUnavailable)]
    public async Task Health_WithAFault_SaysWhichCheckAndWhy(HealthStatus status, HttpStatusCode code)
    {
        await using var service = await TestService.StartAsync(builder =>
            builder
                .Services.AddHealthChecks()
                .AddCheck("good", () => HealthCheckResult.Healthy())
                .AddCheck("faulty", () => new HealthCheckResult(status, "is tired"))
        );
        using var response = await service.Client.GetAsync("/health", TestContext.Current.CancellationToken);

        Assert.Equal(code, response.StatusCode);
        var json = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(status.ToString(), json.GetProperty("status").GetString());
        Assert.Equal(["faulty", "good"], json.GetProperty("checks").EnumerateObject().Select(check => check.Name));
        Assert.Equal($$"""{"status":"{{status}}","detail":"is tired"}""", json.GetProperty("checks").GetProperty("faulty").GetRawText());
        Assert.Equal("""{"status":"Healthy","detail":"ok"}""", json.GetProperty("checks").GetProperty("good").GetRawText());
    }

    [Fact]
    public async Task Health_WithACheckThatThrows_DoesNotQuoteTheException()
    {
        await using var service = await TestService.StartAsync(builder =>
            builder.Services.AddHealthChecks().AddCheck("broken", () => throw new InvalidOperationException("10.0.0.1 secret"))
        );
        using var response = await service.Client.GetAsync("/health", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var json = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("""{"status":"Unhealthy","checks":{"broken":{"status":"Unhealthy","detail":"failed"}}}""", json);
    }

    [Fact]
    public async Task Alive_WhileUnhealthy_Is200()
    {
        await using var service = await TestService.StartAsync(builder =>
            builder.Services.AddHealthChecks().AddCheck("faulty", () => HealthCheckResult.Unhealthy())
        );
        using var response = await service.Client.GetAsync("/alive", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Post_ToAProbe_Is405(string path)
    {
        await using var service = await TestService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, path);

        await service.ExpectProblemAsync(request, 405, "method-not-allowed");
    }
}
