using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Health;

public sealed class HealthTests(ServersFixture servers)
{
    private const string Healthy = """{"status":"Healthy","checks":{"postgres":{"status":"Healthy","detail":"answers"}}}""";
    private const string Degraded = """{"status":"Degraded","checks":{"redis":{"status":"Degraded","detail":"no answer"}}}""";
    private const string Unhealthy = """{"status":"Unhealthy","checks":{"postgres":{"status":"Unhealthy","detail":"cannot be reached"}}}""";

    [Theory]
    [InlineData(200, Healthy, 200, "Healthy", "answers")]
    [InlineData(200, Degraded, 200, "Degraded", "redis is Degraded: no answer")]
    [InlineData(503, Unhealthy, 503, "Unhealthy", "postgres is Unhealthy: cannot be reached")]
    [InlineData(500, "oops", 503, "Unhealthy", "answers 500 without its health")]
    [InlineData(200, "{}", 503, "Unhealthy", "answers 200 without its health")]
    [InlineData(200, "null", 503, "Unhealthy", "answers 200 without its health")]
    public async Task Health_OfAService_ShowsAtTheGateway(int answer, string body, int status, string health, string detail)
    {
        await using var content = await StartAsync(answer, body);
        await using var career = await StartAsync(200, Healthy);
        await using var gateway = await StartHearingAsync([content.Address], [career.Address]);
        var (code, seen) = await AskAsync(gateway);

        Assert.Equal((status, health), (code, seen.Status));
        Assert.Equal(["career", "content", "evictions", "freshness"], seen.Checks.Keys);
        Assert.Equal(new CheckAnswer(health, detail), seen.Checks["content"]);
        Assert.Equal(new CheckAnswer("Healthy", "answers"), seen.Checks["career"]);
        Assert.Equal(new CheckAnswer("Healthy", "heard"), seen.Checks["evictions"]);
        Assert.Equal(new CheckAnswer("Healthy", "within the bound"), seen.Checks["freshness"]);
        Assert.Equal("/health", Assert.Single(content.Requests).Target);
    }

    [Fact]
    public async Task Health_WithOneOfTwoInstancesAway_IsDegraded()
    {
        await using var content = await StartAsync(200, Healthy);
        await using var career = await StartAsync(200, Healthy);
        await using var gateway = await StartHearingAsync([content.Address, AwayAddress()], [career.Address, career.Address + "/"]);
        var (code, seen) = await AskAsync(gateway);

        Assert.Equal((200, "Degraded"), (code, seen.Status));
        Assert.Equal(new CheckAnswer("Degraded", "1 of 2 instances: cannot be reached"), seen.Checks["content"]);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Health_AskedForAfterWhatIsNoCursor_IsRefusedWithAllThatIsWrong(string path)
    {
        await using var gateway = TestGateway.Start(content: [], career: []);
        using var request = gateway.Request("GET", $"{path}?a=b");
        request.Headers.Add("After-Change", "made-up");

        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.Equal(["After-Change", "a"], problem.GetProperty("errors").EnumerateObject().Select(place => place.Name));
    }

    [Fact]
    public async Task Health_WithAServiceAway_Is503AndTheGatewayIsAlive()
    {
        await using var content = await StartAsync(200, Healthy);
        await using var gateway = TestGateway.Start([content.Address], [AwayAddress()]);
        var (code, seen) = await AskAsync(gateway);
        using var alive = await gateway.SendAsync("GET", "/alive");

        Assert.Equal((503, "Unhealthy"), (code, seen.Status));
        Assert.Equal(new CheckAnswer("Unhealthy", "cannot be reached"), seen.Checks["career"]);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task Health_WithoutTheBroker_IsDegradedAndSaysWhatThatMeans()
    {
        await using var content = await StartAsync(200, Healthy);
        await using var career = await StartAsync(200, Healthy);
        await using var gateway = TestGateway.Start([content.Address], [career.Address]);
        var (code, seen) = await AskAsync(gateway);

        Assert.Equal((200, "Degraded"), (code, seen.Status));
        Assert.Equal(new CheckAnswer("Degraded", "not heard; what was changed may be seen up to a minute later"), seen.Checks["evictions"]);
    }

    [Fact]
    public async Task Health_WithAServiceSilent_Is503AfterItsTwoSeconds()
    {
        await using var content = await StartAsync(200, Healthy);
        await using var career = await Backend.StartAsync();
        career.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using var gateway = TestGateway.Start([content.Address], [career.Address]);
        var (code, seen) = await AskAsync(gateway);

        Assert.Equal(503, code);
        Assert.Equal(new CheckAnswer("Unhealthy", "no answer in time"), seen.Checks["career"]);
    }

    private async Task<TestGateway> StartHearingAsync(IReadOnlyList<string> content, IReadOnlyList<string> career)
    {
        var broker = await servers.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        var gateway = TestGateway.Start(content, career, new Dictionary<string, string?> { ["ConnectionStrings:messaging"] = broker });
        await gateway.HearsAsync();
        return gateway;
    }

    private static async Task<Backend> StartAsync(int status, string body)
    {
        var backend = await Backend.StartAsync();
        backend.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(body, context.RequestAborted);
        };
        return backend;
    }

    private static async Task<(int Code, HealthAnswer Answer)> AskAsync(TestGateway gateway)
    {
        using var response = await gateway.SendAsync("GET", "/health");
        Assert.True(response.Headers.CacheControl?.NoStore);
        var answer = await response.Content.ReadFromJsonAsync<HealthAnswer>(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, answer!);
    }

    private static string AwayAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }
}
