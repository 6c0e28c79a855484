using System.Globalization;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
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

    // From this age on a service reads anew what it keeps itself, however its age was rounded.
    private static readonly TimeSpan s_aging = AnswerCache.TimeToLive - AnswerCache.LeftForGateways + TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_agingUnheard = AnswerCache.TimeToLiveUnheard - AnswerCache.LeftForGateways + TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private KeptContent _content = null!;

    public async ValueTask InitializeAsync() => _content = await KeptContent.StartAsync(time: _time, isCareerToo: true);

    public ValueTask DisposeAsync() => _content.DisposeAsync();

    [Fact]
    public async Task Answer_ThatIsAskedForAgain_IsReadAnewBeforeItIsTooOldAndStaysAHit()
    {
        var first = await ReadTwiceAsync(KeptContent.Guide);
        _content.Change(6, "as it is now");
        _time.Advance(s_aging - s_moment - AnswerRefresh.Interval);
        Assert.True((await _content.ReadAsync()).IsHit);
        Assert.Equal(1, AskedFor(KeptContent.Guide)); // a second before it is time

        _time.Advance(AnswerRefresh.Interval);
        await ReplacedAsync(first);
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
        var first = await ReadTwiceAsync(KeptContent.Guide);

        _time.Advance(s_aging - s_moment);
        await ReplacedAsync(first);
        _time.Advance(AnswerCache.TimeToLive - s_aging);

        Assert.Equal(1, AskedFor(Other));
        Assert.Equal("backendguide; fwd=miss; stored", (await _content.ReadAsync(Other)).Source);
    }

    [Fact]
    public async Task Answer_ThatNobodyAskedForSinceItWasReadAnew_GetsOldThen()
    {
        await ReplacedAsync(await ReadTwiceAsync(KeptContent.Guide), after: s_aging - s_moment);
        await ReplacedAsync(await ReadTwiceAsync(Other), after: s_aging - s_moment);
        _time.Advance(AnswerCache.TimeToLive - s_aging);

        Assert.Equal(2, AskedFor(KeptContent.Guide));
        Assert.Equal("backendguide; fwd=miss; stored", (await _content.ReadAsync()).Source);
    }

    [Fact]
    public async Task Answer_ThatWasEvicted_IsLeftToWhoeverAsks()
    {
        _content.Tags = "guide:a";
        await ReadTwiceAsync(KeptContent.Guide);
        _content.Tags = "guide:other";
        var other = await ReadTwiceAsync(Other);
        _content.Hear(6, "guide:a");
        _content.Position = 6;

        await ReplacedAsync(other, after: s_aging - s_moment);

        Assert.Equal(1, AskedFor(KeptContent.Guide));
        Assert.Equal("backendguide; fwd=miss; stored", (await _content.ReadAsync()).Source);
    }

    [Fact]
    public async Task Answers_WhereEvictionsAreNotHeard_AreReadAnewBeforeTheyAreTooOldForThat()
    {
        _content.Gateway.Get<EvictionLedger>().Deafen();
        var first = await ReadTwiceAsync(KeptContent.Guide);

        await ReplacedAsync(first, after: s_agingUnheard - s_moment);
        _time.Advance(AnswerCache.TimeToLiveUnheard - s_agingUnheard);

        Assert.True((await _content.ReadAsync()).IsHit);
        Assert.Equal(2, AskedFor(KeptContent.Guide));
    }

    [Fact]
    public async Task Answers_ManyAtOnce_AreReadTwoAtATimeAndThoseWithTheLeastTimeLeftFirst()
    {
        string[] paths = [.. Enumerable.Range(1, 12).Select(number => $"/api/v1/guides/g{number}")];
        var before = await ReadTwiceAsync(paths);
        var (at, most) = (0, 0);
        _content.Before = async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref at));
            await Task.Delay(20, TestContext.Current.CancellationToken); // so that more than two would be there together
            Interlocked.Decrement(ref at);
        };

        _time.Advance(s_aging - s_moment);
        foreach (var answer in before)
        {
            await ReplacedAsync(answer);
        }

        Assert.Equal(AnswerRefresh.MostAtOnce, most);
        var asked = _content.Service.Requests.Skip(paths.Length).Select(request => request.Target).ToList();
        var expected = paths.OrderByDescending(KeptAnswers.JitterOf).ToList();
        // Of two at once one may be slow, and others overtake that one alone.
        Assert.All(asked, (path, place) => Assert.InRange(expected.IndexOf(path), 0, place + 1));
    }

    [Fact]
    public async Task Address_ThatIsAnErrorOfItsOwn_IsTriedOnceAndHoldsUpNoOther()
    {
        var both = await ReadTwiceAsync([KeptContent.Guide, Other]);
        var (bad, other) = (both[0], both[1]);
        _content.StatusOf = target => target == KeptContent.Guide ? StatusCodes.Status500InternalServerError : null;

        await ReplacedAsync(other, after: s_aging - s_moment);
        await Eventually.TrueAsync(() => Task.FromResult(!bad.IsAskedForAgain), s_deadline, "passed over", Token);
        _time.Advance(AnswerRefresh.Interval);

        Assert.True((await _content.ReadAsync()).IsHit); // for as long as it may
        Assert.False(_content.Gateway.Get<FailedServices>().Has("content"));
        Assert.Equal((2, 2), (AskedFor(KeptContent.Guide), AskedFor(Other)));
    }

    [Fact]
    public async Task Service_ThatIsAwayWhenItIsAskedAnew_IsTriedOnceASecondAndWhatIsKeptStays()
    {
        var first = await ReadTwiceAsync(KeptContent.Guide);
        _content.StatusOf = _ => StatusCodes.Status503ServiceUnavailable;
        _content.Change(6, "as it is now");

        _time.Advance(s_aging - s_moment); // the beat has more than one turn to catch up with
        await Eventually.TrueAsync(
            () => Task.FromResult(_content.Gateway.Get<FailedServices>().Has("content")),
            s_deadline,
            "the service away",
            Token
        );
        Assert.True((await _content.ReadAsync()).IsHit);

        _content.StatusOf = null;
        await ReplacedAsync(first, after: FirstFailure.Rest);
        var answer = await _content.ReadAsync();
        Assert.Equal((true, "as it is now"), (answer.IsHit, answer.Body));
        Assert.Equal(3, AskedFor(KeptContent.Guide));
    }

    [Fact]
    public async Task Service_ThatStandsStill_HoldsUpNoOther()
    {
        var ledger = _content.Gateway.Get<EvictionLedger>();
        _content.Copied = 5;
        ledger.Begin("career", _content.At(0, copied: 5));
        ledger.Deafen();
        var career = (await ReadTwiceAsync([KeptContent.Guide, Other, "/api/v1/careers/a"]))[^1];
        var (answer, goesOn) = (_content.Service.Answer!, new TaskCompletionSource());
        _content.Service.Answer = async context =>
        {
            if (context.Request.Path.StartsWithSegments("/api/v1/guides", StringComparison.Ordinal))
            {
                await goesOn.Task.WaitAsync(Token);
            }
            await answer(context);
        };

        await ReplacedAsync(career, after: s_agingUnheard - s_moment);

        await Eventually.EqualAsync(
            (2, 2),
            () => Task.FromResult((AskedFor(KeptContent.Guide), AskedFor(Other))),
            s_deadline,
            "asked",
            Token
        );
        Assert.False(goesOn.Task.IsCompleted);
        goesOn.SetResult();
    }

    [Fact]
    public async Task Reader_WhoJoinsALoadThatDoesNotWaitForARestart_WaitsForIt()
    {
        _content.Tags = "guide:a";
        await ReadTwiceAsync(KeptContent.Guide);
        var (begun, broken) = (new TaskCompletionSource(), new TaskCompletionSource());
        var answer = _content.Service.Answer;
        _content.Service.Answer = async context =>
        {
            _content.Service.Answer = answer;
            begun.SetResult();
            await broken.Task.WaitAsync(Token);
            context.Response.ContentLength = 5; // so that the client does not ask again by itself
            await context.Response.WriteAsync("{", Token);
            await context.Response.Body.FlushAsync(Token);
            context.Abort();
        };
        _time.Advance(s_aging - s_moment);
        await begun.Task.WaitAsync(s_deadline, Token); // it is being read anew
        _content.Position = 6;
        _content.Hear(6, "guide:a");

        var address = CachedAddress.Read(KeptContent.Guide, QueryCollection.Empty, default)!;
        var reading = _content.Gateway.Get<GatewayCache>().GetAsync(address, after: null, Token);
        Assert.False(reading.IsCompleted);
        broken.SetResult();

        Assert.Equal(AnswerSource.Stored, (await reading.WaitAsync(s_deadline, Token)).Source);
        Assert.Equal(3, AskedFor(KeptContent.Guide)); // each of them once, and by what reads anew
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<ServiceAnswer> ReadTwiceAsync(string path) => (await ReadTwiceAsync([path]))[0];

    // For two who ask. All are as old then: between what is old enough to be read anew and what is too old, there are two seconds for some addresses.
    private async Task<IReadOnlyList<ServiceAnswer>> ReadTwiceAsync(IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            await _content.ReadAsync(path);
        }
        _time.Advance(s_moment);
        foreach (var path in paths)
        {
            Assert.True((await _content.ReadAsync(path)).IsHit);
        }
        return [.. paths.Select(Kept)];
    }

    private int AskedFor(string path) => _content.Service.Requests.Count(request => request.Target == path);

    // By this nobody asks for it.
    private ServiceAnswer Kept(string path) => _content.Gateway.Get<AnswerStore>().All.Single(answer => answer.Address.Key == path);

    private Task ReplacedAsync(ServiceAnswer before, TimeSpan after = default)
    {
        _time.Advance(after);
        var store = _content.Gateway.Get<AnswerStore>();
        return Eventually.TrueAsync(
            () => Task.FromResult(store.All.Any(kept => kept.Address.Key == before.Address.Key && !ReferenceEquals(kept, before))),
            s_deadline,
            $"{before.Address.Key} kept anew",
            Token
        );
    }
}
