using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Gateway.Tests.Routing;

/// <summary>How long is waited for an answer that passes.</summary>
public sealed class TimeLimitsTests
{
    private const string Guide = "/api/v1/guides/a";
    private const string Export = "/api/v1/exports/guides";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_OfAnInstanceThatStandsStill_IsMadeGoodForBeforeItsWholeTimeIsOver()
    {
        await using var silent = await Backend.StartAsync();
        silent.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using var there = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([silent.Address, there.Address], []);
        gateway.PassEveryRequest();
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 4 && silent.Requests.IsEmpty; i++)
        {
            var since = Stopwatch.GetTimestamp();
            using var answer = await gateway.SendAsync("GET", Guide);
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(since).Ticks));

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Single(silent.Requests);
        Assert.True(longest < TimeSpan.FromSeconds(8), "it was waited for as if there were no other");
    }

    [Theory]
    [InlineData(Guide, true)]
    [InlineData(Export, false)]
    public async Task Answer_ThatComesByteByByte_IsEndedAfterAMinuteUnlessItIsAStream(string path, bool isEnded)
    {
        await using var slow = await Backend.StartAsync();
        var ends = new TaskCompletionSource();
        slow.Answer = context => DripAsync(context, ends.Task);
        var time = new FakeTimeProvider();
        await using var gateway = TestGateway.Start([slow.Address], [], time: time);
        gateway.PassEveryRequest();
        using var request = gateway.Request("GET", path);
        using var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        Assert.Equal(1, await body.ReadAsync(new byte[1], Token));

        time.Advance(TimeSpan.FromSeconds(61));

        var rest = body.CopyToAsync(Stream.Null, Token).WaitAsync(s_patience, Token);
        if (isEnded)
        {
            await Assert.ThrowsAnyAsync<IOException>(() => rest);
            return;
        }
        ends.SetResult();
        await rest;
        Assert.Single(slow.Requests);
    }

    [Fact]
    public async Task Answer_ThatIsHeldBackAndNeverWhole_Is503AfterAMinute()
    {
        await using var slow = await Backend.StartAsync();
        var begun = new TaskCompletionSource();
        slow.Answer = context =>
        {
            context.Response.ContentType = "application/json";
            begun.TrySetResult();
            return DripAsync(context, new TaskCompletionSource().Task);
        };
        var time = new FakeTimeProvider();
        await using var gateway = TestGateway.Start([slow.Address], [], time: time);
        gateway.PassEveryRequest();
        using var request = gateway.Request("GET", Guide);
        request.Headers.Add("Accept-Encoding", "br");
        var asked = gateway.Client.SendAsync(request, Token);
        await begun.Task.WaitAsync(Token);

        time.Advance(TimeSpan.FromSeconds(61));

        using var answer = await asked.WaitAsync(s_patience, Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private static async Task DripAsync(HttpContext context, Task end)
    {
        while (!end.IsCompleted)
        {
            await context.Response.WriteAsync(" ", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(TimeSpan.FromMilliseconds(50), context.RequestAborted);
        }
    }
}
