using System.Net;
using System.Net.Sockets;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy;

namespace BackendGuide.Gateway.Tests.Routing;

public sealed class InstancesTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Service_ThatBreaksOffItsAnswer_IsNotTakenForAWholeOne(bool isPassed)
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
        if (!isPassed)
        {
            begun.SetResult();
            using var problem = await gateway.SendAsync("GET", "/api/v1/guides");
            await ProblemShape.ExpectAsync(problem, 503, "unavailable"); // nothing was sent yet
            return;
        }
        gateway.PassEveryRequest();
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

    [Theory]
    [InlineData("GET", true)]
    [InlineData("GET", false)]
    [InlineData("PUT", true)]
    public async Task Instance_ThatIsGone_IsMadeGoodForByAnother(string method, bool isPassed)
    {
        await using var there = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([$"http://127.0.0.1:{ClosedPort()}", there.Address], []);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        for (var i = 1; i <= 20; i++)
        {
            using var body = method == "PUT" ? new StringContent($"{{\"title\":\"{i}\"}}", null, "application/json") : null;
            using var answer = await gateway.SendAsync(method, "/api/v1/guides/a", method == "PUT" ? Scopes.ContentWrite : null, body);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(i, there.Requests.Count);
            Assert.Equal(method == "PUT" ? $"{{\"title\":\"{i}\"}}" : "", there.Requests.Last().Body);
        }
    }

    [Fact]
    public async Task Write_ToAHostThatTakesNoConnection_IsMadeGoodForByAnother()
    {
        using var cutOff = await UnreachableHost.StartAsync(TestContext.Current.CancellationToken);
        await using var there = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([cutOff.Address, there.Address], []);
        // Both before the probe finds out: one of them is for the one that is cut off.
        var writes = Enumerable.Range(0, 2).Select(_ => gateway.SendAsync("DELETE", "/api/v1/guides/a", Scopes.ContentWrite)).ToList();
        foreach (var write in writes)
        {
            using var answer = await write;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(2, there.Requests.Count);
    }

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("PUT", 503)]
    public async Task Instance_ThatTakesARequestAndDies_IsMadeGoodForWhereTheRequestMayComeTwice(string method, int status)
    {
        await using var dying = await Backend.StartAsync();
        dying.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        await using var there = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([dying.Address, there.Address], []);
        gateway.PassEveryRequest();
        for (var i = 0; i < 20 && dying.Requests.IsEmpty; i++)
        {
            using var body = method == "PUT" ? new StringContent("{}", null, "application/json") : null;
            using var answer = await gateway.SendAsync(method, "/api/v1/guides/a", method == "PUT" ? Scopes.ContentWrite : null, body);

            Assert.Equal(dying.Requests.IsEmpty ? 200 : status, (int)answer.StatusCode);
        }

        Assert.Single(dying.Requests);
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(502, true)]
    [InlineData(503, true)]
    [InlineData(504, true)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    public async Task Instance_ThatAnswersThatItCannot_IsMadeGoodForByAnotherWhereTheRequestOnlyReads(int status, bool isPassed)
    {
        await using var failing = await Backend.StartAsync();
        failing.Answer = Answers(status);
        await using var there = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([failing.Address, there.Address], []);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        for (var i = 0; i < 10; i++)
        {
            using var answer = await gateway.SendAsync("GET", $"/api/v1/guides/a{i}");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        Assert.NotEmpty(failing.Requests);
        Assert.True(failing.Requests.Count < 10, "it rests after a failure");

        there.Answer = Answers(status);
        using var none = await gateway.SendAsync("GET", "/api/v1/guides/a");
        Assert.Equal(status, (int)none.StatusCode);
    }

    [Theory]
    [InlineData("PUT", false, true)]
    [InlineData("GET", true, true)]
    [InlineData("GET", true, false)]
    public async Task Answer_ThatAnInstanceCannot_StandsWhereItWritesOrWaitsForAChange(string method, bool isAfterChange, bool isPassed)
    {
        await using var one = await Backend.StartAsync();
        await using var two = await Backend.StartAsync();
        one.Answer = two.Answer = Answers(503);
        await using var gateway = TestGateway.Start([one.Address, two.Address], []);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        using var request = gateway.Request(method, "/api/v1/guides/a", method == "PUT" ? Scopes.ContentWrite : null);
        if (isAfterChange)
        {
            request.Headers.Add("After-Change", one.Positions.ToString());
        }
        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Single(one.Requests.Concat(two.Requests));
    }

    [Fact]
    public async Task Instance_ThatIsAliveAndAnswersNothing_IsLeftAloneForLongerThanItIsWaitedFor()
    {
        await using var late = await Backend.StartAsync();
        late.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using var there = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([late.Address, there.Address], []);
        for (var i = 0; i < 2; i++) // one of two is for it
        {
            using var answer = await gateway.SendAsync("GET", $"/api/v1/guides/a{i}");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var state = gateway.Get<IProxyStateLookup>().TryGetCluster("content", out var cluster) ? cluster.DestinationsState : null;

        Assert.Single(late.Requests);
        Assert.Equal(2, state!.AllDestinations.Count);
        Assert.Equal(there.Address, Assert.Single(state.AvailableDestinations).Model.Config.Address.TrimEnd('/'));
        using var next = await gateway.SendAsync("GET", "/api/v1/guides/b");
        Assert.Single(late.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Instance_ThatStandsStill_IsNotAskedAnyMoreUntilItMoves(bool isPassed)
    {
        await using var still = await Backend.StartAsync();
        await using var there = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([still.Address, there.Address], []);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        var moves = new TaskCompletionSource();
        (still.IsAlive, still.Answer) = (false, context => moves.Task.WaitAsync(context.RequestAborted));
        await Eventually.TrueAsync(
            async () =>
            {
                var before = still.Requests.Count;
                for (var i = 0; i < 10; i++)
                {
                    using var answer = await gateway.SendAsync("GET", "/api/v1/guides");
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode); // although one of two took longer
                }
                return still.Requests.Count == before;
            },
            s_patience,
            "requests that all go to the other",
            TestContext.Current.CancellationToken
        );

        moves.SetResult();
        (still.IsAlive, still.Answer) = (true, null);
        var asked = still.Requests.Count;
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await gateway.SendAsync("GET", "/api/v1/guides");
                return still.Requests.Count > asked;
            },
            s_patience,
            "a request to the one that moves again",
            TestContext.Current.CancellationToken
        );
    }

    private static RequestDelegate Answers(int status) =>
        context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("{}", context.RequestAborted);
        };

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
