using System.Diagnostics;
using System.Globalization;
using System.Net;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Caching;

/// <summary>A service that does not answer: what is kept of it, and for how long.</summary>
public sealed class StaleAnswersTests : IAsyncLifetime
{
    private const int Others = 20;

    private KeptContent _content = null!;

    public async ValueTask InitializeAsync() => _content = await KeptContent.StartAsync();

    public ValueTask DisposeAsync() => _content.DisposeAsync();

    [Theory]
    [InlineData(59)]
    [InlineData(300)]
    [InlineData(350)]
    public async Task Answer_NotFreshAnyMore_IsGivenWhereTheServiceDoesNotAnswer(int age)
    {
        _content.Age = age;
        await _content.ReadAsync();
        Assert.False((await _content.ReadAsync()).IsHit);
        await _content.Service.DisposeAsync();

        var stale = await _content.ReadAsync();

        Assert.Equal((HttpStatusCode.OK, "backendguide; fwd=stale", _content.Body), (stale.Status, stale.Source, stale.Body));
        Assert.InRange(int.Parse(stale.Headers["Age"], null), age, age + 60);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Answer_NotFreshAnyMore_IsGivenWhereTheServiceHasNone(int status)
    {
        _content.Age = 70;
        await _content.ReadAsync();
        (_content.Status, var body) = (status, _content.Body);
        _content.Body = "{}";

        var stale = await _content.ReadAsync();

        Assert.Equal((HttpStatusCode.OK, "backendguide; fwd=stale", body), (stale.Status, stale.Source, stale.Body));
    }

    [Fact]
    public async Task Answer_ThatIsAnErrorOfItsOwn_MakesNoOtherStale()
    {
        _content.Age = 70;
        await _content.ReadAsync();
        await _content.ReadAsync(Other(1));
        _content.StatusOf = target => target == KeptContent.Guide ? 500 : null;

        Assert.Equal("backendguide; fwd=stale", (await _content.ReadAsync()).Source);
        Assert.Equal("backendguide; fwd=miss; stored", (await _content.ReadAsync(Other(1))).Source);
    }

    [Fact]
    public async Task Answer_NotFreshAnyMore_IsNotWaitedForWhereTheServiceStandsStill()
    {
        _content.Age = 70;
        await _content.ReadAsync();
        var standsStill = new TaskCompletionSource();
        _content.Before = () => standsStill.Task;
        var since = Stopwatch.GetTimestamp();

        var stale = await _content.ReadAsync();

        Assert.Equal("backendguide; fwd=stale", stale.Source);
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(8), "it was waited for until the service was given up");
        standsStill.SetResult();
    }

    [Fact]
    public async Task Answers_NotFreshAnyMore_AreGivenAtOnceAfterOneWasWaitedForInVain()
    {
        _content.Age = 70;
        for (var i = 0; i < Others; i++)
        {
            await _content.ReadAsync(Other(i));
        }
        var standsStill = new TaskCompletionSource();
        _content.Before = () => standsStill.Task;
        var since = Stopwatch.GetTimestamp();

        for (var i = 0; i < Others; i++)
        {
            Assert.Equal("backendguide; fwd=stale", (await _content.ReadAsync(Other(i))).Source);
        }

        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(Others / 2), "each of them was waited for");
        Assert.InRange(_content.Asked - Others, 1, Others / 2); // not by each, either
        standsStill.SetResult();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_GivenBecauseOfAFailure_IsMadeAnewByOneLoadOnceTheServiceIsBack(bool isStill)
    {
        _content.Age = 70;
        await _content.ReadAsync();
        var standsStill = new TaskCompletionSource();
        (_content.Status, _content.Before) = isStill ? (200, () => standsStill.Task) : (503, _content.Before);
        Assert.Equal("backendguide; fwd=stale", (await _content.ReadAsync()).Source);

        standsStill.SetResult();
        (_content.Status, _content.Before, _content.Age) = (200, null, 0);

        await Eventually.TrueAsync(
            async () => (await _content.ReadAsync()).IsHit,
            TimeSpan.FromMinutes(1),
            "an answer that is kept anew",
            TestContext.Current.CancellationToken
        );
    }

    [Fact]
    public async Task Answers_NotFreshAnyMore_AreNotWaitedForWhereNobodyListens()
    {
        _content.Age = 70;
        await _content.ReadAsync();
        await _content.Service.DisposeAsync();
        var since = Stopwatch.GetTimestamp();

        var stale = await _content.ReadAsync();

        Assert.Equal("backendguide; fwd=stale", stale.Source);
        Assert.True(
            Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5),
            "it was waited for until the service would have been restarted"
        );
    }

    [Fact]
    public async Task Answer_OfOverSixMinutes_Is503()
    {
        _content.Age = 361;
        await _content.ReadAsync();
        await _content.Service.DisposeAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _content.ReadAsync()).Status);
    }

    [Fact]
    public async Task Answer_OfWhatHasChanged_IsNeverGivenAgain()
    {
        _content.Age = 70;
        await _content.ReadAsync();
        await _content.Service.DisposeAsync();
        _content.Hear(6, "guide:a");

        var answer = await _content.ReadAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Equal("1", answer.Headers["Retry-After"]);
        Assert.Equal("application/problem+json", answer.Headers["Content-Type"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_NotFreshAnyMore_StaysWhereWhatCameBehindAHoleShowsTheSame(bool isSame)
    {
        _content.Age = 70;
        await _content.ReadAsync();
        _content.Seen = 9;
        _content.Body = isSame ? _content.Body : "behind a hole";
        Assert.Equal("backendguide; fwd=miss", (await _content.ReadAsync()).Source);
        await _content.Service.DisposeAsync();

        var answer = await _content.ReadAsync();

        Assert.Equal(isSame ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Equal($"backendguide; fwd={(isSame ? "stale" : "miss")}", answer.Source);
    }

    [Fact]
    public async Task Answer_FromBeforeWhatIsAskedFor_IsNotGivenAlthoughTheServiceIsAway()
    {
        _content.Age = 70;
        await _content.ReadAsync();
        await _content.Service.DisposeAsync();

        var answer = await _content.ReadAsync(KeptContent.Guide, ("After-Change", _content.At(6).ToString()));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
    }

    [Fact]
    public async Task Answer_OfAServiceThatIsNotHeard_IsNotGivenOnceItIsStale()
    {
        // It may have been withdrawn meanwhile, and nobody could say so.
        _content.Age = 70;
        await _content.ReadAsync();
        _content.Gateway.Get<EvictionLedger>().Deafen();
        await _content.Service.DisposeAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _content.ReadAsync()).Status);
    }

    private static string Other(int i) => string.Create(CultureInfo.InvariantCulture, $"/api/v1/guides/a{i}");
}
