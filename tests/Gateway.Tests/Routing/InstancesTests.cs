using System.Net;
using System.Net.Sockets;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Routing;

public sealed class InstancesTests
{
    [Fact]
    public async Task Requests_WithTwoInstances_GoToEachInTurn()
    {
        await using var one = await Backend.StartAsync();
        await using var two = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([one.Address, two.Address], []);
        for (var i = 0; i < 10; i++)
        {
            using var response = await gateway.SendAsync("GET", "/api/v1/guides");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal((5, 5), (one.Requests.Count, two.Requests.Count));
    }

    [Fact]
    public async Task Service_ThatIsAway_Is503WithRetryAfterAndTheOtherStillAnswers()
    {
        await using var content = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([content.Address], [$"http://127.0.0.1:{ClosedPort()}"]);
        using var away = await gateway.SendAsync("GET", "/api/v1/careers");
        using var write = await gateway.SendAsync("PUT", "/api/v1/careers/a", Scopes.CareerWrite, new StringContent("{}"));
        using var there = await gateway.SendAsync("GET", "/api/v1/guides");

        var problem = await ProblemShape.ExpectAsync(away, 503, "unavailable");
        Assert.Equal("The career service does not answer at the moment.", problem.GetProperty("detail").GetString());
        Assert.Equal("1", Assert.Single(away.Headers.GetValues("Retry-After")));
        await ProblemShape.ExpectAsync(write, 503, "unavailable");
        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
    }

    [Fact]
    public async Task Service_ThatComesBack_IsAskedAgainAtOnce()
    {
        var address = $"http://127.0.0.1:{ClosedPort()}";
        await using var gateway = TestGateway.Start([address], []);
        using var away = await gateway.SendAsync("GET", "/api/v1/guides");
        await using var back = await Backend.StartAsync(address);
        using var there = await gateway.SendAsync("GET", "/api/v1/guides");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
    }

    [Fact]
    public async Task Service_ThatSaysNothing_Is503AfterTheActivityTimeout()
    {
        await using var silent = await Backend.StartAsync();
        silent.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using var gateway = TestGateway.Start([silent.Address], []);
        using var response = await gateway.SendAsync("GET", "/api/v1/guides");

        await ProblemShape.ExpectAsync(response, 503, "unavailable");
    }

    [Fact]
    public async Task Service_ThatBreaksOffItsAnswer_IsNotTakenForAWholeOne()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var broken = await Backend.StartAsync();
        broken.Answer = async context =>
        {
            context.Response.ContentLength = 100;
            await context.Response.Body.WriteAsync("half"u8.ToArray(), context.RequestAborted);
            await begun.Task.WaitAsync(context.RequestAborted);
            context.Abort();
        };
        await using var gateway = TestGateway.Start([broken.Address], []);
        using var request = gateway.Request("GET", "/api/v1/guides");
        using var response = await gateway.Client.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        begun.SetResult();

        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        });
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
