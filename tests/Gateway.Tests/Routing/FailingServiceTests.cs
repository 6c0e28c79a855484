using System.Globalization;
using System.Net;
using BackendGuide.Gateway.Routing;
using BackendGuide.Gateway.Tests.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace BackendGuide.Gateway.Tests.Routing;

/// <summary>What keeps failing is left alone, but for one try now and then, and asked as before once that works: for an instance, and for a service.</summary>
public sealed class FailingServiceTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    public async Task Instance_ThatKeepsFailing_IsTriedOnceASecondAndHasItsShareAgainWhenItWorks(int status, bool isPassed)
    {
        await using var failing = await Backend.StartAsync();
        failing.Answer = Answers(status);
        await using var there = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([failing.Address, there.Address], [], time: _time);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        for (var second = 1; second <= 5; second++)
        {
            for (var i = 0; i < 10 && failing.Requests.Count < second; i++)
            {
                await ReadAsync(gateway, times: 1);
            }
            await EventuallyAsync(() => AskedOf(gateway).Count == 1, "an instance that rests");
            await ReadAsync(gateway, times: 10);

            Assert.Equal(second, failing.Requests.Count);
            _time.Advance(FirstFailure.Rest);
            await EventuallyAsync(() => AskedOf(gateway).Count == 2, "an instance that has rested");
        }

        failing.Answer = null;
        await ReadAsync(gateway, times: 10);

        Assert.Equal(5 + 5, failing.Requests.Count);
    }

    [Theory]
    [InlineData("GET", false)]
    [InlineData("GET", true)]
    [InlineData("PUT", true)]
    public async Task Service_ThatStandsStill_Is503WithoutBeingAskedAndIsAskedAgainWhenItMoves(string method, bool isPassed)
    {
        await using var service = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([service.Address], []);
        if (isPassed)
        {
            gateway.PassEveryRequest();
        }
        service.IsAlive = false;
        await EventuallyAsync(() => AskedOf(gateway).Count == 0, "an instance that is known to stand still");
        for (var i = 0; i < 10; i++)
        {
            using var none = await SendAsync(gateway, method, i);
            await ProblemShape.ExpectAsync(none, 503, "unavailable");
        }
        Assert.Empty(service.Requests);

        service.IsAlive = true;
        await EventuallyAsync(() => AskedOf(gateway).Count == 1, "an instance that is known to move");
        using var answer = await SendAsync(gateway, method, 10);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task Service_ThatFailedAWhileAgo_IsAskedByTheFirstWhoComes()
    {
        await using var content = await KeptContent.StartAsync(time: _time);
        await content.ReadAsync();
        _time.Advance(TimeSpan.FromSeconds(70));
        content.Status = 503;
        Assert.Equal("backendguide; fwd=stale", (await content.ReadAsync()).Source);

        content.Status = 200;
        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("backendguide; fwd=miss; stored", (await content.ReadAsync()).Source);
    }

    [Fact]
    public async Task Service_ThatKeepsFailingWhoCanBeGivenSomethingOld_IsTriedOnceASecondAndByAllWhenItWorks()
    {
        const int Guides = 10;
        await using var content = await KeptContent.StartAsync(time: _time);
        await ReadAllAsync("backendguide; fwd=miss; stored");
        _time.Advance(TimeSpan.FromSeconds(70));
        content.Status = 503;
        for (var second = 1; second <= 3; second++)
        {
            await ReadAllAsync("backendguide; fwd=stale");
            await EventuallyAsync(() => content.Asked >= Guides + second, "a try");
            await ReadAllAsync("backendguide; fwd=stale");
            Assert.Equal(Guides + second, content.Asked); // of twenty requests
            _time.Advance(FirstFailure.Rest);
        }

        content.Status = 200;
        await EventuallyAsync(async () => (await content.ReadAsync(Guide(0))).IsHit, "the first that works");
        var asked = content.Asked;
        for (var i = 1; i < Guides; i++)
        {
            Assert.Equal("backendguide; fwd=miss; stored", (await content.ReadAsync(Guide(i))).Source);
        }
        Assert.Equal(asked + Guides - 1, content.Asked);

        async Task ReadAllAsync(string source)
        {
            for (var i = 0; i < Guides; i++)
            {
                Assert.Equal(source, (await content.ReadAsync(Guide(i))).Source);
            }
        }
    }

    private static string Guide(int i) => string.Create(CultureInfo.InvariantCulture, $"/api/v1/guides/a{i}");

    private static async Task ReadAsync(TestGateway gateway, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var answer = await gateway.SendAsync("GET", Guide(i)); // of which the gateway keeps nothing, for the backend says nothing of it
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(TestGateway gateway, string method, int i)
    {
        using var body = method == "PUT" ? new StringContent("{}", null, "application/json") : null;
        return await gateway.SendAsync(method, Guide(i), method == "PUT" ? Scopes.ContentWrite : null, body);
    }

    private static IReadOnlyList<DestinationState> AskedOf(TestGateway gateway)
    {
        Assert.True(gateway.Get<IProxyStateLookup>().TryGetCluster("content", out var cluster));
        return cluster.DestinationsState.AvailableDestinations;
    }

    private static RequestDelegate Answers(int status) =>
        context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("{}", context.RequestAborted);
        };

    private static Task EventuallyAsync(Func<bool> isSo, string what) => EventuallyAsync(() => Task.FromResult(isSo()), what);

    private static Task EventuallyAsync(Func<Task<bool>> isSo, string what) =>
        Eventually.TrueAsync(isSo, s_patience, what, TestContext.Current.CancellationToken);
}
