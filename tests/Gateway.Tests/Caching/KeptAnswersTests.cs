using System.Diagnostics;
using System.Globalization;
using System.Net;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Gateway.Caching;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Caching;

/// <summary>What the gateway keeps, for how long, and for whom.</summary>
public sealed class KeptAnswersTests : IAsyncLifetime
{
    private KeptContent _content = null!;

    public async ValueTask InitializeAsync() => _content = await KeptContent.StartAsync();

    public ValueTask DisposeAsync() => _content.DisposeAsync();

    [Fact]
    public async Task Answer_AskedForAgain_IsTheSameWithoutTheService()
    {
        var since = Stopwatch.StartNew();
        var first = await _content.ReadAsync();
        var second = await _content.ReadAsync();

        Assert.Equal("backendguide; fwd=miss; stored", first.Source);
        Assert.True(second.IsHit);
        Assert.Equal(1, _content.Asked);
        Assert.Equal(first.Bytes, second.Bytes);
        foreach (var header in (string[])["ETag", "Content-Type", "Content-Length", "Cache-Control", "Vary", "X-Content-Type-Options"])
        {
            Assert.Equal(first.Headers[header], second.Headers[header]);
        }
        Assert.InRange(int.Parse(second.Headers["Age"], CultureInfo.InvariantCulture), 0, (int)since.Elapsed.TotalSeconds);
        Assert.DoesNotContain(second.Headers.Keys, header => header is "Applied" or "Surrogate-Key" or "Not-Before");
    }

    [Fact]
    public async Task Head_OfWhatIsKept_HasTheHeadersAlone()
    {
        var read = await _content.ReadAsync();
        var head = await _content.SendAsync("HEAD", KeptContent.Guide);

        Assert.True(head.IsHit);
        Assert.Empty(head.Bytes);
        Assert.Equal(read.Headers["Content-Length"], head.Headers["Content-Length"]);
        Assert.Equal(read.Headers["ETag"], head.Headers["ETag"]);
    }

    [Theory]
    [InlineData("\"5-ofthesebytes\"", 304)]
    [InlineData("W/\"5-ofthesebytes\"", 304)]
    [InlineData("\"4-others\", \"5-ofthesebytes\"", 304)]
    [InlineData("*", 304)]
    [InlineData("\"5-others\"", 200)]
    [InlineData("nonsense", 200)]
    public async Task IfNoneMatch_OfWhatIsKeptAndOfWhatIsNot_IsAnsweredAlike(string tags, int status)
    {
        foreach (var isHit in (bool[])[false, true])
        {
            var answer = await _content.ReadAsync(KeptContent.Guide, ("If-None-Match", tags));

            Assert.Equal((status, isHit), ((int)answer.Status, answer.IsHit));
            Assert.Equal(status == 304 ? 0 : _content.Body.Length, answer.Bytes.Length);
            Assert.Equal("\"5-ofthesebytes\"", answer.Headers["ETag"]);
            Assert.Equal(status == 200, answer.Headers.ContainsKey("Content-Type"));
        }
    }

    [Theory]
    [InlineData("Authorization", "Bearer nobody")]
    [InlineData("Cookie", "session=1")]
    [InlineData("Cache-Control", "no-store")]
    [InlineData("Cache-Control", "max-age=0, no-cache")]
    public async Task Request_OfSomebodyInParticular_NeitherGetsWhatIsKeptNorIsKept(string name, string value)
    {
        var theirs = await _content.ReadAsync(KeptContent.Guide, (name, value));
        Assert.Equal("backendguide; fwd=bypass", theirs.Source);
        Assert.False((await _content.ReadAsync()).IsHit);

        _content.Body = "changed, and not heard of";
        theirs = await _content.ReadAsync(KeptContent.Guide, (name, value));
        Assert.Equal("changed, and not heard of", theirs.Body);
        Assert.Equal(3, _content.Asked);
    }

    [Fact]
    public async Task Answer_NewerThanWhatIsKept_IsTheLastThatIsSeenOfThat()
    {
        await _content.ReadAsync();
        _content.Change(6, "newer");

        Assert.Equal("newer", (await _content.ReadAsync(KeptContent.Guide, ("Cache-Control", "no-store"))).Body);

        Assert.Equal("newer", (await _content.ReadAsync()).Body); // although nothing was announced
    }

    [Theory]
    [InlineData("Set-Cookie", "a=b")]
    [InlineData("Cache-Control", "no-store")]
    [InlineData("Cache-Control", "private")]
    [InlineData("Applied", "")]
    public async Task Answer_ThatIsNotForAll_IsNotKept(string name, string value)
    {
        _content.Headers[name] = value;
        await _content.ReadAsync();

        Assert.False((await _content.ReadAsync()).IsHit);
        Assert.Equal(2, _content.Asked);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(410)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Problem_OfAnyKindBut404_PassesAndIsNotKept(int status)
    {
        (_content.Status, _content.Body) = (status, """{"type":"/problems/its-own"}""");
        for (var i = 1; i <= 2; i++)
        {
            var answer = await _content.ReadAsync();

            Assert.Equal((status, "application/problem+json", i), ((int)answer.Status, answer.Headers["Content-Type"], _content.Asked));
            Assert.Equal(_content.Body, answer.Body);
        }
    }

    [Fact]
    public async Task NotFound_AskedForAgain_IsKeptForAMomentAndNamesEachRequestsOwnTrace()
    {
        (_content.Status, _content.Body) = (404, """{"detail":"There is no published guide 'a'.","traceId":"of the first"}""");
        var first = await _content.ReadAsync();
        var second = await _content.ReadAsync();

        foreach (var answer in new[] { first, second })
        {
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
            Assert.Contains("There is no published guide 'a'.", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("of the first", answer.Body, StringComparison.Ordinal);
            Assert.Equal("public, no-cache", answer.Headers.GetValueOrDefault("Cache-Control"));
        }
        Assert.NotEqual(first.Body, second.Body);
        Assert.Equal(1, _content.Asked);

        (_content.Status, _content.Body) = (200, "created");
        _content.Hear(6, "guide:a");
        _content.Position = 6;
        Assert.Equal("created", (await _content.ReadAsync()).Body);

        (_content.Status, _content.Body, _content.Age) = (404, """{"detail":"Gone again."}""", 5);
        _content.Hear(7, "guide:a");
        _content.Position = 7;
        await _content.ReadAsync();
        Assert.False((await _content.ReadAsync()).IsHit); // it is five seconds old
    }

    [Theory]
    [InlineData(0, true, true)]
    [InlineData(59, true, false)]
    [InlineData(0, false, true)]
    [InlineData(29, false, false)]
    public async Task Answer_IsKeptForAMinute_AndForHalfOfItWhereEvictionsAreNotHeard(int age, bool isHeard, bool isKept)
    {
        if (!isHeard)
        {
            _content.Gateway.Get<EvictionLedger>().Deafen();
        }
        _content.Age = age;
        await _content.ReadAsync();

        Assert.Equal(isKept, (await _content.ReadAsync()).IsHit);
    }

    [Fact]
    public async Task Answer_UnderWayForAWhile_IsAsOldAsThatToo()
    {
        _content.Before = () => Task.Delay(TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken);

        await _content.ReadAsync();
        _content.Before = null;

        Assert.InRange(int.Parse((await _content.ReadAsync()).Headers["Age"], CultureInfo.InvariantCulture), 1, 59);
    }

    [Fact]
    public async Task Answers_ReadAtOneTime_AreNotTooOldAtOneTime()
    {
        var jitters = Enumerable.Range(0, 1_000).Select(number => KeptAnswers.JitterOf($"/api/v1/guides/{number}")).ToList();
        Assert.All(jitters, jitter => Assert.InRange(jitter, TimeSpan.Zero, TimeSpan.FromSeconds(6)));
        Assert.Equal(6, jitters.Select(jitter => Math.Min(5, (int)jitter.TotalSeconds)).Distinct().Count());

        // What is given out until then is asked for again from then on.
        _content.Age = (int)Math.Ceiling(59 - KeptAnswers.JitterOf(KeptContent.Guide).TotalSeconds);
        await _content.ReadAsync();
        Assert.False((await _content.ReadAsync()).IsHit);
    }

    [Fact]
    public async Task Answer_ThatTheServiceHasKeptAsLongAsItDoes_IsStillKeptHere()
    {
        var oldest = (AnswerCache.TimeToLive - AnswerCache.LeftForGateways).TotalSeconds;
        Assert.True(oldest < 59 - 6); // whatever the address takes off

        _content.Age = (int)oldest;
        await _content.ReadAsync();

        Assert.True((await _content.ReadAsync()).IsHit);
    }

    [Theory]
    [InlineData("guide:a", false)]
    [InlineData("technology:python", false)]
    [InlineData("guide:b", true)]
    [InlineData("guides", true)]
    public async Task Eviction_OfATag_TakesWhatIsMadeOfItAndNothingElse(string tag, bool isKept)
    {
        await _content.ReadAsync();
        _content.Change(6, "As it is");

        _content.Hear(6, tag);

        var answer = await _content.ReadAsync();
        Assert.Equal(isKept, answer.IsHit);
        Assert.Equal(!isKept, answer.Body == "As it is");
    }

    [Fact]
    public async Task Load_OvertakenByAnEviction_IsGivenToWhoAskedBeforeAndKeptForNobody()
    {
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _content.Before = () =>
        {
            asked.TrySetResult();
            return go.Task;
        };
        var before = _content.ReadAsync();
        await asked.Task;
        _content.Change(6, "As it is");
        _content.Hear(6, "guide:a");
        var after = _content.ReadAsync(); // joins the load, and must not have what that brings
        go.SetResult();

        Assert.Contains("As it was", (await before).Body, StringComparison.Ordinal);
        Assert.Equal("As it is", (await after).Body);
        Assert.Equal("As it is", (await _content.ReadAsync()).Body);
    }

    [Fact]
    public Task Readers_OfOneAddressAtOnce_AreOneLoad() => AreOneLoadAsync(1_000);

    [Fact]
    public Task Readers_WhoWaitForTheSameChange_AreOneLoad()
    {
        _content.Position = 7;
        return AreOneLoadAsync(100, ("After-Change", _content.At(7).ToString()));
    }

    [Fact]
    public async Task Reader_WhoWaitsForSomebodyElsesLoadAndGivesUp_EndsTheWaitAndNotTheLoad()
    {
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _content.Before = () =>
        {
            asked.TrySetResult();
            return go.Task;
        };
        var loads = _content.ReadAsync();
        await asked.Task;
        using var gone = new CancellationTokenSource();
        var address = CachedAddress.Read(KeptContent.Guide, QueryCollection.Empty, default)!;
        var waits = _content.Gateway.Get<GatewayCache>().GetAsync(address, after: null, gone.Token);
        Assert.False(waits.IsCompleted);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        go.SetResult();
        Assert.Equal(_content.Body, (await loads).Body);
        Assert.Equal(1, _content.Asked);
    }

    [Fact]
    public async Task Reader_WhoBeganALoadAndGivesUp_LeavesItToWhoComesNext()
    {
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _content.Before = () =>
        {
            asked.TrySetResult();
            return go.Task;
        };
        using var gone = new CancellationTokenSource();
        using var request = _content.Gateway.Request("GET", KeptContent.Guide);
        var began = _content.Gateway.Client.SendAsync(request, gone.Token);
        await asked.Task;
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => began);
        go.SetResult();

        Assert.Equal(_content.Body, (await _content.ReadAsync()).Body);
        await Eventually.TrueAsync(
            async () => (await _content.ReadAsync()).IsHit,
            TimeSpan.FromMinutes(1),
            "an answer that is kept",
            TestContext.Current.CancellationToken
        );
    }

    [Fact]
    public async Task AfterChange_ThatWasHeardOf_IsAnsweredByWhatIsKeptAndElseByTheService()
    {
        await _content.ReadAsync();
        Assert.True((await _content.ReadAsync(KeptContent.Guide, ("After-Change", _content.At(5).ToString()))).IsHit);

        // That another guide has changed says that this one has not.
        for (var position = 1; position <= 7; position++)
        {
            _content.Hear(position, "guide:b");
        }
        Assert.True((await _content.ReadAsync(KeptContent.Guide, ("After-Change", _content.At(7).ToString()))).IsHit);

        _content.Change(8, "As it is");
        var after = _content.At(8).ToString();
        var answer = await _content.ReadAsync(KeptContent.Guide, ("After-Change", after));
        Assert.Equal((false, "As it is"), (answer.IsHit, answer.Body));
        Assert.Equal(after, _content.Service.Requests.Last().Headers["After-Change"]);
        Assert.True((await _content.ReadAsync(KeptContent.Guide, ("After-Change", after))).IsHit);

        await _content.ReadAsync(KeptContent.Guide, ("After-Change", "no cursor"));
        Assert.Equal("no cursor", _content.Service.Requests.Last().Headers["After-Change"]); // which refuses it
    }

    [Fact]
    public async Task AfterChange_OfAnotherService_IsTheServicesToAnswerUntilItHas()
    {
        // That content has dealt with a career's event does not say that its copy has it: it may have set it aside.
        _content.Copied = 8;
        _content.Gateway.Get<EvictionLedger>().Begin("content", _content.At(0, 8));
        await _content.ReadAsync();
        _content.HearCopied(9);
        var after = ("After-Change", _content.At(5, 9).ToString());
        _content.Status = 503;

        Assert.Equal(503, (int)(await _content.ReadAsync(KeptContent.Guide, after)).Status);

        (_content.Status, _content.Copied) = (200, 9);
        Assert.False((await _content.ReadAsync(KeptContent.Guide, after)).IsHit);
        Assert.True((await _content.ReadAsync(KeptContent.Guide, after)).IsHit); // the service has said so
    }

    [Theory]
    [InlineData(200)]
    [InlineData(410)]
    public async Task Load_OvertakenByWhatSomebodyWasShown_IsKeptForNobody(int shown)
    {
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _content.Before = () =>
        {
            asked.TrySetResult();
            return go.Task;
        };
        var slow = _content.ReadAsync();
        await asked.Task;
        _content.Before = null;
        _content.Change(6, "shown");
        _content.Status = shown;
        var passed = await _content.ReadAsync(KeptContent.Guide, ("Cache-Control", "no-store")); // and nothing is announced
        Assert.Equal(shown, (int)passed.Status);
        go.SetResult();
        Assert.Contains("As it was", (await slow).Body, StringComparison.Ordinal);

        var next = await _content.ReadAsync();

        Assert.Equal((shown, "shown"), ((int)next.Status, next.Body));
    }

    [Fact]
    public async Task Answer_ThatShowsWhatCameBehindAHole_IsGivenOnceAndDisplacesWhatIsOlder()
    {
        _content.Seen = 9;
        await _content.ReadAsync();
        Assert.False((await _content.ReadAsync()).IsHit);

        (_content.Seen, _content.Position) = (null, 9);
        await _content.ReadAsync();
        Assert.True((await _content.ReadAsync()).IsHit);
        (_content.Seen, _content.Body) = (12, "behind a hole");
        await _content.ReadAsync(KeptContent.Guide, ("Cache-Control", "no-store"));

        Assert.Equal("behind a hole", (await _content.ReadAsync()).Body);
    }

    private async Task AreOneLoadAsync(int count, params (string Name, string Value)[] headers)
    {
        var go = new TaskCompletionSource();
        _content.Before = () => go.Task;
        var readers = Enumerable.Range(0, count).Select(_ => _content.ReadAsync(KeptContent.Guide, headers)).ToList();
        await Eventually.TrueAsync(
            () => Task.FromResult(_content.Asked > 0),
            TimeSpan.FromMinutes(1),
            "a load",
            TestContext.Current.CancellationToken
        );
        go.SetResult();

        var answers = await Task.WhenAll(readers);

        Assert.All(answers, answer => Assert.Equal(_content.Body, answer.Body));
        Assert.InRange(_content.Asked, 1, 2); // who comes when the first has just landed finds it, or asks for all who come with it
    }
}
