using System.Net;
using System.Text.Json;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Operations;

public sealed class OperationsInstancesTests : IAsyncLifetime
{
    private const string Status = """{"service":"content","epoch":"e","relay":{"leader":"content-0"},"consumers":[]}""";
    private const string Redrive = "/api/v1/ops/relays/content/redrive";

    private Backend _one = null!;
    private Backend _two = null!;
    private TestGateway _gateway = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _one = await Backend.StartAsync();
        _two = await Backend.StartAsync();
        _one.Answer = _two.Answer = context =>
            context.Response.WriteAsync(HttpMethods.IsGet(context.Request.Method) ? Status : """{"redriven":1}""", context.RequestAborted);
        _gateway = TestGateway.Start([_one.Address, _two.Address], []);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task Operations_WithTwoInstances_GoToEachInTurn()
    {
        for (var i = 0; i < 4; i++)
        {
            using var response = await _gateway.SendAsync("POST", Redrive, Scopes.Ops);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal((2, 2), (_one.Requests.Count, _two.Requests.Count));
    }

    [Theory]
    [InlineData("GET", "/api/v1/ops/status")]
    [InlineData("POST", Redrive)]
    public async Task Operations_WithOneInstanceDead_AreDoneByTheOther(string method, string path)
    {
        await _one.DisposeAsync();
        for (var i = 0; i < 4; i++)
        {
            using var response = await _gateway.SendAsync(method, path, Scopes.Ops);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(4, _two.Requests.Count);
    }

    [Fact]
    public async Task Status_BrokenOffByOneInstance_ComesFromTheOther()
    {
        _one.Answer = BreakOff;
        for (var i = 0; i < 2; i++)
        {
            using var response = await _gateway.SendAsync("GET", "/api/v1/ops/status", Scopes.Ops);
            var relays = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("relays");
            Assert.Equal("content", Assert.Single(relays.EnumerateArray()).GetProperty("service").GetString());
        }

        Assert.Single(_one.Requests);
    }

    // Whether it was done, nobody knows: to ask again is for the operator to decide.
    [Fact]
    public async Task Redrive_BrokenOffByOneInstance_Is503AndOnlyTheNextReachesTheOther()
    {
        using var first = await _gateway.SendAsync("POST", Redrive, Scopes.Ops);
        using var second = await _gateway.SendAsync("POST", Redrive, Scopes.Ops);
        _one.Answer = BreakOff;
        using var broken = await _gateway.SendAsync("POST", Redrive, Scopes.Ops);
        var asked = (_one.Requests.Count, _two.Requests.Count);
        using var next = await _gateway.SendAsync("POST", Redrive, Scopes.Ops);

        await ProblemShape.ExpectAsync(broken, 503, "unavailable");
        Assert.Equal("1", Assert.Single(broken.Headers.GetValues("Retry-After")));
        Assert.Equal((2, 1), asked);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.Equal((2, 2), (_one.Requests.Count, _two.Requests.Count));
    }

    [Fact]
    public async Task Redrive_WhoseInstanceIsKilledOverIt_Is503AndIsNotDoneByTheOther()
    {
        await using var killed = new KilledInstance();
        await using var gateway = TestGateway.Start([killed.Address, _two.Address], []);
        using var first = await gateway.SendAsync("POST", Redrive, Scopes.Ops);
        using var second = await gateway.SendAsync("POST", Redrive, Scopes.Ops);
        using var broken = await gateway.SendAsync("POST", Redrive, Scopes.Ops);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        await ProblemShape.ExpectAsync(broken, 503, "unavailable");
        Assert.Equal((2, 1), (killed.Requests, _two.Requests.Count));
    }

    [Fact]
    public async Task Instance_ThatSaysNothing_IsGivenUpAfterTenSecondsButMayCompareForLonger()
    {
        var compared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _one.Answer = async context =>
        {
            var isCompare = context.Request.Path.Value == "/internal/ops/compare";
            await (isCompare ? compared.Task : Task.Delay(Timeout.Infinite, context.RequestAborted)).WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("""[{"projection":"content.careers","rows":1,"differing":[]}]""", context.RequestAborted);
        };
        await using var gateway = TestGateway.Start([_one.Address], [_one.Address]);
        var compare = gateway.SendAsync("POST", "/api/v1/ops/compare", Scopes.Ops);
        await Eventually.EqualAsync(
            2,
            () => Task.FromResult(_one.Requests.Count),
            TimeSpan.FromSeconds(20),
            "both services asked to compare",
            Token
        );
        var status = gateway.SendAsync("GET", "/api/v1/ops/status", Scopes.Ops);
        using var redrive = await gateway.SendAsync("POST", Redrive, Scopes.Ops);
        using var seen = await status;
        compared.SetResult();
        using var found = await compare;

        await ProblemShape.ExpectAsync(redrive, 503, "unavailable");
        Assert.EndsWith(
            """
            "unreachable":["content","career"]}
            """,
            await seen.Content.ReadAsStringAsync(Token),
            StringComparison.Ordinal
        );
        Assert.Equal(HttpStatusCode.OK, found.StatusCode);
    }

    private static Task BreakOff(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }
}
