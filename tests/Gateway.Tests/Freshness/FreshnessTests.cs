using BackendGuide.Contracts;
using BackendGuide.Gateway.Freshness;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Freshness;

public sealed class FreshnessTests : IAsyncLifetime
{
    private const string Path = "/api/v1/freshness";

    private static readonly TypeFreshness s_nothing = new(0, 0, 0, 0);

    private MeteredGateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await MeteredGateway.StartAsync();

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Freshness_OfNineChanges_IsSaidAsTheContractHasIt()
    {
        Assert.Equal("""{"window":"1h","types":{}}""", await _gateway.ReadTextAsync());

        for (var position = 1; position <= 9; position++)
        {
            _gateway.AnnounceByBoth(_gateway.Change(position, millisecondsAgo: position == 4 ? 55 : 12));
        }

        // Percentiles are at most 8 % too long, the longest is exact.
        Assert.Matches(
            """^\{"window":"1h","types":\{"backendguide\.career\.published\.v1":\{"count":9,"p50Ms":1[23],"p99Ms":55,"maxMs":55\}\}\}$""",
            await _gateway.ReadTextAsync()
        );
    }

    [Theory]
    [InlineData("career", "content")]
    [InlineData("content", "career")]
    public async Task Change_AnnouncedByOneService_CountsWhenTheOtherHasAnnouncedItToo(string first, string second)
    {
        var change = _gateway.Change(1, millisecondsAgo: 10);
        _gateway.Announce(first, change);
        Assert.Equal(s_nothing, await _gateway.ReadAsync());

        _gateway.Time.Advance(TimeSpan.FromMilliseconds(30));
        _gateway.Announce(second, change);

        Assert.Equal(new TypeFreshness(1, 40, 40, 40), await _gateway.ReadAsync());
    }

    [Fact]
    public async Task Change_AnnouncedOften_CountsOnce()
    {
        var change = _gateway.Change(1, millisecondsAgo: 10);
        for (var i = 0; i < 3; i++)
        {
            _gateway.Announce("career", change);
        }
        _gateway.AnnounceByBoth(change);
        _gateway.AnnounceByBoth(change, _gateway.Change(2, millisecondsAgo: 10));
        _gateway.AnnounceByBoth(change);

        Assert.Equal(new TypeFreshness(2, 10, 10, 10), await _gateway.ReadAsync());
    }

    [Fact]
    public async Task Changes_AnnouncedOutOfOrder_CountWhenNothingBeforeThemIsMissing()
    {
        _gateway.Announce("career", _gateway.Change(1), _gateway.Change(2), _gateway.Change(3));
        _gateway.Announce("content", _gateway.Change(3));
        _gateway.Announce("content", _gateway.Change(2));
        Assert.Equal(0, (await _gateway.ReadAsync()).Count);

        _gateway.Time.Advance(TimeSpan.FromMilliseconds(70));
        _gateway.Announce("content", _gateway.Change(1));

        Assert.Equal(new TypeFreshness(3, 70, 70, 70), await _gateway.ReadAsync());
    }

    [Fact]
    public async Task Changes_OfTypes_AreCountedApart()
    {
        _gateway.AnnounceByBoth(_gateway.Change(1, 10), _gateway.Change(2, 90, EventTypes.SalariesUpdated));

        Assert.Equal(new TypeFreshness(1, 10, 10, 10), await _gateway.ReadAsync());
        Assert.Equal(new TypeFreshness(1, 90, 90, 90), await _gateway.ReadAsync(EventTypes.SalariesUpdated));
    }

    [Fact]
    public async Task Change_OlderThanAnHour_IsNotInTheWindow()
    {
        _gateway.AnnounceByBoth(_gateway.Change(1, 10));
        _gateway.Time.Advance(TimeSpan.FromMinutes(59));
        _gateway.AnnounceByBoth(_gateway.Change(2, 20));
        Assert.Equal(2, (await _gateway.ReadAsync()).Count);

        _gateway.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new TypeFreshness(1, 20, 20, 20), await _gateway.ReadAsync());

        _gateway.Time.Advance(TimeSpan.FromMinutes(60));
        Assert.Equal("""{"window":"1h","types":{}}""", await _gateway.ReadTextAsync());
    }

    [Fact]
    public async Task Source_WithAnotherHistory_IsMeasuredFromItsFirstChangeOn()
    {
        _gateway.AnnounceByBoth(_gateway.Change(1, 10), _gateway.Change(2, 10));
        _gateway.Announce("career", _gateway.Change(3, 10)); // lost: the other service never sees it

        var restored = Guid.NewGuid();
        _gateway.Announce("career", restored, _gateway.Change(3, 20));
        Assert.Equal(2, (await _gateway.ReadAsync()).Count);
        _gateway.Announce("content", restored, _gateway.Change(3, 20));
        Assert.Equal(new TypeFreshness(3, 10, 20, 20), await _gateway.ReadAsync() with { P50Ms = 10 });

        _gateway.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("within the bound", (await _gateway.HealthAsync()).Checks["freshness"].Detail);
    }

    [Theory]
    [InlineData("?window=1h")]
    [InlineData("?type=backendguide.career.published.v1&")]
    public async Task Freshness_WithAParameter_Is400(string query)
    {
        using var answer = await _gateway.Gateway.SendAsync("GET", Path + query);

        await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
    }

    [Fact]
    public async Task Freshness_AskedByHead_HasTheHeadersOfTheAnswerAlone()
    {
        using var answer = await _gateway.Gateway.SendAsync("HEAD", Path);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AfterChange_ThatIsNoCursor_Is400()
    {
        using var request = _gateway.Gateway.Request("GET", Path);
        request.Headers.Add("After-Change", "soon");
        using var answer = await _gateway.Gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty("After-Change", out _));
    }
}
