using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Gateway.Tests.Routing;

/// <summary>A service of one instance that is restarted: what is asked meanwhile waits until it is back.</summary>
public sealed class RestartTests
{
    private const string Guide = "/api/v1/guides/a";

    // Longer than two lost probes take, after which the proxy takes the instance for gone.
    private static readonly TimeSpan s_restart = TimeSpan.FromSeconds(4);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", false)]
    [InlineData("GET", true)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    public async Task Requests_WhileTheOnlyInstanceIsRestarted_AreAllAnsweredWhenItIsBack(string method, bool isPassed)
    {
        var service = await Backend.StartAsync();
        var address = service.Address;
        await using var gateway = TestGateway.Start([address], []);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        using var before = await SendAsync(gateway, method, 0);
        await service.DisposeAsync();
        List<Task<HttpResponseMessage>> sent = [];
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < s_restart; )
        {
            sent.Add(SendAsync(gateway, method, sent.Count + 1));
            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
        }
        var answered = sent.Count(request => request.IsCompleted);
        await using var back = await Backend.StartAsync(address);
        var statuses = new List<HttpStatusCode>();
        foreach (var request in sent)
        {
            using var answer = await request;
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Equal(0, answered);
        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(sent.Count, back.Requests.Count); // each of them once
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Requests_WhileTheFirstProbeAfterARestartTakesTooLong_AreAnswered(bool isPassed)
    {
        var service = await Backend.StartAsync();
        var address = service.Address;
        await using var gateway = TestGateway.Start([address], []);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        using var before = await SendAsync(gateway, "GET", 0);
        await service.DisposeAsync();
        await Task.Delay(s_restart, Token);
        await using var back = await Backend.StartAsync(address, isAlive: false);
        await Eventually.TrueAsync(() => Task.FromResult(back.ProbesLost > 0), TimeSpan.FromSeconds(30), "a probe is lost", Token);
        back.IsAlive = true; // from the next on
        List<HttpStatusCode> statuses = [];
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(1); )
        {
            using var answer = await SendAsync(gateway, "GET", statuses.Count + 1);
            statuses.Add(answer.StatusCode);
            await Task.Delay(TimeSpan.FromMilliseconds(25), Token);
        }

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_WhoseOnlyInstanceDiesOverIt_IsAskedAgain(bool isPassed)
    {
        await using var service = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([service.Address], []);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        service.Answer = context =>
        {
            service.Answer = null;
            context.Abort();
            return Task.CompletedTask;
        };
        using var answer = await gateway.SendAsync("GET", Guide);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(2, service.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_OfAnInstanceThatAlwaysBreaksOff_Is503AfterThreeTries(bool isPassed)
    {
        await using var service = await Backend.StartAsync();
        service.Answer = context =>
        {
            context.Response.ContentLength = 5; // so that the client below does not ask again by itself
            return BreakOffAsync(context);
        };
        await using var gateway = TestGateway.Start([service.Address], []);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        using var request = gateway.Request("GET", Guide);
        request.Headers.Add("Accept-Encoding", "br"); // held back, so that nothing has gone out
        using var answer = await gateway.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(3, service.Requests.Count);
    }

    [Fact]
    public async Task Service_ThatIsAwayForLongerThanARestartTakes_IsNotWaitedFor()
    {
        var time = new FakeTimeProvider();
        await using var gateway = TestGateway.Start([$"http://127.0.0.1:{ClosedPort()}"], [], time: time);
        time.Advance(LastProbes.LongestRestart);
        using var kept = await gateway.SendAsync("GET", Guide);
        using var write = await gateway.SendAsync("PUT", Guide, Scopes.ContentWrite, new StringContent("{}"));
        gateway.PassEveryRequest();
        using var passed = await gateway.SendAsync("GET", Guide);
        using var sitemap = await gateway.SendAsync("GET", "/sitemap.xml");

        // On this clock, which nobody moves, a wait would have no end.
        await ProblemShape.ExpectAsync(kept, 503, "unavailable");
        await ProblemShape.ExpectAsync(write, 503, "unavailable");
        await ProblemShape.ExpectAsync(passed, 503, "unavailable");
        await ProblemShape.ExpectAsync(sitemap, 503, "unavailable");
        Assert.NotNull(sitemap.Headers.RetryAfter);
    }

    private static Task<HttpResponseMessage> SendAsync(TestGateway gateway, string method, int i) =>
        gateway.SendAsync(
            method,
            $"/api/v1/guides/a{i}",
            method == "GET" ? null : Scopes.ContentWrite,
            method == "PUT" ? new StringContent("{}", null, "application/json") : null
        );

    private static async Task BreakOffAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync("{", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
