using System.Globalization;
using BackendGuide.Eventing.Caching;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Routing;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Gateway.Tests.Caching;

/// <summary>What is still asked for is read anew before it is too old, and nobody waits for it.</summary>
public sealed class AnswerRefreshTests : IAsyncLifetime
{
    private const string Other = "/api/v1/guides/other";

    // From this age on a service reads anew what it keeps itself.
    private static readonly TimeSpan s_aging = AnswerCache.TimeToLive - AnswerCache.LeftForGateways;
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private KeptContent _content = null!;

    public async ValueTask InitializeAsync() => _content = await KeptContent.StartAsync(time: _time);

    public ValueTask DisposeAsync() => _content.DisposeAsync();

    [Fact]
    public async Task Answer_ThatIsAskedForAgain_IsReadAnewBeforeItIsTooOldAndStaysAHit()
    {
        await ReadTwiceAsync(KeptContent.Guide);
        _content.Change(6, "as it is now");
        _time.Advance(s_aging - s_moment - AnswerRefresh.Interval);
        Assert.True((await _content.ReadAsync()).IsHit);
        Assert.Equal(1, AskedFor(KeptContent.Guide)); // a second before it is time

        _time.Advance(AnswerRefresh.Interval);
        await AskedAsync(KeptContent.Guide, 2);
        _time.Advance(AnswerCache.TimeToLive - s_aging);

        var answer = await _content.ReadAsync();
        Assert.Equal((true, "as it is now"), (answer.IsHit, answer.Body));
        Assert.InRange(int.Parse(answer.Headers["Age"], CultureInfo.InvariantCulture), 0, 11);
        Assert.Equal(2, AskedFor(KeptContent.Guide));
    }

    [Fact]
    public async Task Answer_ThatWasAskedForOnce_GetsOld()
    {
        await _content.ReadAsync(Other);
        await ReadTwiceAsync(KeptContent.Guide);

        _time.Advance(s_aging - s_moment);
        await AskedAsync(KeptContent.Guide, 2);
        _time.Advance(AnswerCache.TimeToLive - s_aging);

        Assert.Equal(1, AskedFor(Other));
        Assert.Equal("backendguide; fwd=miss; stored", (await _content.ReadAsync(Other)).Source);
    }

    [Fact]
    public async Task Answer_ThatWasAskedForAgainOnlyBeforeItWasReadAnew_GetsOldThen()
    {
        await ReadTwiceAsync(KeptContent.Guide);
        _time.Advance(s_aging - s_moment);
        await AskedAsync(KeptContent.Guide, 2);
        await ReadTwiceAsync(Other); // what else there is to be read anew the next time

        _time.Advance(s_aging - s_moment);
        await AskedAsync(Other, 2);

        Assert.Equal(2, AskedFor(KeptContent.Guide));
    }

    [Fact]
    public async Task Answer_ThatWasEvicted_IsLeftToWhoeverAsks()
    {
        _content.Tags = "guide:a";
        await ReadTwiceAsync(KeptContent.Guide);
        _content.Tags = "guide:other";
        await ReadTwiceAsync(Other);
        _content.Hear(6, "guide:a");
        _content.Position = 6;

        _time.Advance(s_aging - s_moment);
        await AskedAsync(Other, 2);

        Assert.Equal(1, AskedFor(KeptContent.Guide));
        Assert.Equal("backendguide; fwd=miss; stored", (await _content.ReadAsync()).Source);
    }

    [Fact]
    public async Task Absence_IsNotReadAnew()
    {
        _content.Status = StatusCodes.Status404NotFound;
        _content.Body = """{"detail":"There is none."}""";
        await ReadTwiceAsync(KeptContent.Guide);
        (_content.Status, _content.Body) = (StatusCodes.Status200OK, "there is");
        await ReadTwiceAsync(Other);

        _time.Advance(s_aging - s_moment);
        await AskedAsync(Other, 2);

        Assert.Equal(1, AskedFor(KeptContent.Guide));
    }

    [Fact]
    public async Task Service_ThatFailsWhenItIsAskedAnew_IsTriedOnceASecondAndWhatIsKeptStays()
    {
        await ReadTwiceAsync(KeptContent.Guide);
        _content.Status = StatusCodes.Status500InternalServerError;
        _content.Change(6, "as it is now");

        _time.Advance(s_aging - s_moment); // the beat has more than one turn to catch up with
        await AskedAsync(KeptContent.Guide, 2);
        Assert.True((await _content.ReadAsync()).IsHit);

        _content.Status = StatusCodes.Status200OK;
        _time.Advance(FirstFailure.Rest);
        await AskedAsync(KeptContent.Guide, 3);
        var answer = await _content.ReadAsync();
        Assert.Equal((true, "as it is now"), (answer.IsHit, answer.Body));
        Assert.Equal(3, AskedFor(KeptContent.Guide));
    }

    // For two who ask.
    private async Task ReadTwiceAsync(string path)
    {
        await _content.ReadAsync(path);
        _time.Advance(s_moment);
        Assert.True((await _content.ReadAsync(path)).IsHit);
    }

    private int AskedFor(string path) => _content.Service.Requests.Count(request => request.Target == path);

    private Task AskedAsync(string path, int times) =>
        Eventually.TrueAsync(
            () => Task.FromResult(AskedFor(path) == times && _content.Gateway.Get<AnswerStore>().TryGet(path, out _)),
            s_deadline,
            $"{path} asked for {times} times",
            TestContext.Current.CancellationToken
        );
}
