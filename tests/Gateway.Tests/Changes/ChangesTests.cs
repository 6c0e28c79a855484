using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Changes;

public sealed class ChangesTests : IAsyncLifetime
{
    private FeedGateway _feeds = null!;

    public async ValueTask InitializeAsync() => _feeds = await FeedGateway.StartAsync();

    public ValueTask DisposeAsync() => _feeds.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    public async Task Changes_OfTwoSources_ComeOnceEachAndByTimeWhateverThePageSize(int limit)
    {
        var expected = Fill(count: 40);

        var (changes, next) = await _feeds.ReadAllAsync(limit);

        Assert.Equal(expected, changes);
        _feeds.Career.Add(10_000);
        Assert.Equal(["/career/21"], (await _feeds.ReadAllAsync(limit, next)).Changes);
    }

    [Fact]
    public async Task Changes_OfALongFeed_ComeWholeFromBlocksAndTail()
    {
        for (var i = 0; i < 3_210; i++)
        {
            _feeds.Content.Add(i, EventTypes.TechnologyPublished);
        }
        var first = await _feeds.ReadAllAsync(1_000);
        for (var i = 0; i < 3_000; i++)
        {
            _feeds.Content.Add(10_000 + i, EventTypes.TechnologyPublished);
        }

        var (rest, _) = await _feeds.ReadAllAsync(1_000, first.Next);
        var (again, _) = await _feeds.ReadAllAsync(999);

        Assert.Equal(Enumerable.Range(1, 3_210).Select(position => $"/content/{position}"), first.Changes);
        Assert.Equal(Enumerable.Range(3_211, 3_000).Select(position => $"/content/{position}"), rest);
        Assert.Equal([.. first.Changes, .. rest], again);
    }

    [Fact]
    public async Task Changes_OfAnyPage_SayThatTheyCameFromTheServices()
    {
        Fill(count: 2);

        using var page = await _feeds.Gateway.SendAsync("GET", "/api/v1/changes?limit=1");

        Assert.Equal("backendguide; fwd=miss", page.Headers.GetValues("Cache-Status").Single());
    }

    [Fact]
    public async Task Changes_OfSomeTypes_AreThoseAndTheCursorPassesTheOthers()
    {
        Fill(count: 20);
        _feeds.Career.Add(10_000, EventTypes.SalariesUpdated);

        var (changes, next) = await _feeds.ReadAllAsync(10, more: $"&type={EventTypes.SalariesUpdated},{EventTypes.CareerWithdrawn}");

        Assert.Equal(["/career/11"], changes);
        Assert.Empty((await _feeds.ReadAllAsync(10, next)).Changes);
    }

    [Fact]
    public async Task Changes_WithASourceAway_LackItAndNothingIsLostWhenItIsBack()
    {
        Fill(count: 10);
        var (all, _) = await _feeds.ReadAllAsync(100);
        _feeds.Career.IsAway = true;

        var partial = await _feeds.ReadAsync("/api/v1/changes");
        _feeds.Content.Add(20_000);
        var more = await _feeds.ReadAsync($"/api/v1/changes?after={partial.Next}");
        _feeds.Career.IsAway = false;
        await Eventually.EqualAsync(
            "",
            async () => (await _feeds.ReadAsync($"/api/v1/changes?after={more.Next}")).Partial,
            TimeSpan.FromMinutes(1),
            "both sources",
            TestContext.Current.CancellationToken
        );
        var (rest, _) = await _feeds.ReadAllAsync(100, more.Next);

        Assert.Equal(("career", "career"), (partial.Partial, more.Partial));
        Assert.Equal(all.Append("/content/6").Order(), partial.Changes.Concat(more.Changes).Concat(rest).Order());
        Assert.Equal(11, partial.Changes.Count + more.Changes.Count + rest.Count);
    }

    [Fact]
    public async Task Cursor_OfAnotherHistoryOrFromBeforeTheKeptOne_Is410()
    {
        Fill(count: 20);
        var early = (await _feeds.ReadAsync("/api/v1/changes?limit=4")).Next;
        var late = (await _feeds.ReadAllAsync(100)).Next;

        _feeds.Content.Cut(5);
        await ExpectGoneAsync(early);
        Assert.Empty((await _feeds.ReadAllAsync(100, late)).Changes);
        Assert.Equal(
            "/content/6",
            (await _feeds.ReadAllAsync(100)).Changes.First(change => change.StartsWith("/content", StringComparison.Ordinal))
        );

        _feeds.Career.Restore();
        await ExpectGoneAsync(late);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("after=AQAAAA", "after")]
    [InlineData("after=", "after")]
    [InlineData("type=backendguide.unknown.v1", "type")]
    [InlineData("type=", "type")]
    [InlineData("since=1", "since")]
    public async Task Changes_AskedForWrongly_Are400(string query, string parameter)
    {
        using var answer = await _feeds.Gateway.SendAsync("GET", $"/api/v1/changes?{query}");

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty(parameter, out _));
    }

    [Fact]
    public async Task Changes_AfterAChange_AreNotOlderThanIt()
    {
        Fill(count: 4);
        var (_, cursor) = await _feeds.ReadAllAsync(10);

        Assert.Equal(200, await StatusAfterAsync(cursor));
        Assert.Equal(400, await StatusAfterAsync("no cursor"));
        _feeds.Content.IsAway = true;
        Assert.Equal(503, await StatusAfterAsync(cursor));
    }

    [Fact]
    public async Task Changes_AfterAChangeThatIsAboutToCome_WaitForIt()
    {
        Fill(count: 4);
        var next = new FeedPosition(_feeds.Content.Epoch, _feeds.Content.Head + 1);
        var asked = _feeds.Content.Questions;

        var waiting = StatusAfterAsync(ChangeCursor.Start.With(EventSources.Content, next).ToString());
        await Eventually.TrueAsync(
            () => Task.FromResult(_feeds.Content.Questions > asked),
            TimeSpan.FromMinutes(1),
            "the question",
            TestContext.Current.CancellationToken
        );
        Assert.False(waiting.IsCompleted);
        _feeds.Content.Add(20_000);

        Assert.Equal(200, await waiting);
    }

    [Fact]
    public async Task Changes_AskedForTheirHeadersAlone_HaveThoseOfTheirBody()
    {
        Fill(count: 20);
        foreach (var coding in new[] { "br", "gzip", "identity" })
        {
            using var get = await SendAsync("GET", coding);
            using var head = await SendAsync("HEAD", coding);

            Assert.Equal(get.Content.Headers.ContentEncoding, head.Content.Headers.ContentEncoding);
            Assert.Equal(get.Headers.GetValues("Link"), head.Headers.GetValues("Link"));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }

        async Task<HttpResponseMessage> SendAsync(string method, string coding)
        {
            using var request = _feeds.Gateway.Request(method, "/api/v1/changes");
            request.Headers.TryAddWithoutValidation("Accept-Encoding", coding);
            return await _feeds.Gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    private async Task<int> StatusAfterAsync(string cursor)
    {
        using var request = _feeds.Gateway.Request("GET", "/api/v1/changes");
        request.Headers.TryAddWithoutValidation("After-Change", cursor);
        using var answer = await _feeds.Gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    [Fact]
    public async Task Gateway_Restarted_GoesOnWhereTheCursorIs()
    {
        var expected = Fill(count: 30);
        var first = await _feeds.ReadAsync("/api/v1/changes?limit=11");

        await _feeds.RestartAsync();

        Assert.Equal(expected, [.. first.Changes, .. (await _feeds.ReadAllAsync(7, first.Next)).Changes]);
    }

    // Alternately in both, so that their times interleave.
    private List<string> Fill(int count)
    {
        List<string> expected = [];
        for (var i = 0; i < count; i++)
        {
            var isContent = i % 2 == 0;
            (isContent ? _feeds.Content : _feeds.Career).Add(i, isContent ? EventTypes.TechnologyPublished : EventTypes.CareerPublished);
            expected.Add($"/{(isContent ? "content" : "career")}/{(i / 2) + 1}");
        }
        return expected;
    }

    private async Task ExpectGoneAsync(string cursor)
    {
        using var answer = await _feeds.Gateway.SendAsync("GET", $"/api/v1/changes?after={cursor}");
        await ProblemShape.ExpectAsync(answer, 410, "gone");
    }
}
