using System.Net.Sockets;
using System.Text;
using BackendGuide.Contracts;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Changes;

public sealed class ChangeStreamTests : IAsyncLifetime
{
    private FeedGateway _feeds = null!;

    public async ValueTask InitializeAsync() => _feeds = await FeedGateway.StartAsync();

    public ValueTask DisposeAsync() => _feeds.DisposeAsync();

    [Fact]
    public async Task Stream_FromTheStart_HasWhatWasAndThenWhatHappens()
    {
        _feeds.Content.Add(1);
        _feeds.Career.Add(2);
        await using var stream = await EventStream.OpenAsync(_feeds.Gateway);
        Assert.Equal("text/event-stream", stream.MediaType);
        Assert.Equal(["/content/1", "/career/1"], await stream.TakeAsync(2));

        _feeds.Career.Add(3);
        Assert.Equal("/career/2", await stream.NextAsync());
        _feeds.Content.Add(4);
        Assert.Equal("/content/2", await stream.NextAsync());
    }

    [Fact]
    public async Task Stream_CutAtAnyEvent_GoesOnByItsLastId()
    {
        var random = new Random(5);
        for (var i = 0; i < 120; i++)
        {
            (random.Next(2) == 0 ? _feeds.Content : _feeds.Career).Add(i);
        }
        var (expected, _) = await _feeds.ReadAllAsync(100);

        List<string> seen = [];
        string? last = null;
        while (seen.Count < expected.Count)
        {
            await using var stream = await EventStream.OpenAsync(_feeds.Gateway, last);
            seen.AddRange(await stream.TakeAsync(Math.Min(random.Next(1, 30), expected.Count - seen.Count)));
            last = stream.LastId;
            if (random.Next(4) == 0)
            {
                await _feeds.RestartAsync();
            }
        }

        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task Stream_OfSomeTypes_HasThemAlone()
    {
        _feeds.Content.Add(1, EventTypes.GuidePublished);
        _feeds.Content.Add(2, EventTypes.TechnologyPublished);
        await using var stream = await EventStream.OpenAsync(_feeds.Gateway, query: $"?type={EventTypes.TechnologyPublished}");

        Assert.Equal("/content/2", await stream.NextAsync());
    }

    [Fact]
    public async Task Streams_ThatWait_CostNoQuestionEachAndAreNotSilent()
    {
        const int Many = 200;
        _feeds.Content.Add(1);
        var streams = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => EventStream.OpenAsync(_feeds.Gateway)));
        await Task.WhenAll(streams.Select(stream => stream.NextAsync()));
        var before = _feeds.Content.Questions;

        await Task.WhenAll(streams.Select(stream => stream.WaitForCommentAsync()));

        Assert.InRange(_feeds.Content.Questions - before, 0, Many / 4); // one a second, whoever waits
        _feeds.Career.Add(2);
        Assert.All(await Task.WhenAll(streams.Select(stream => stream.NextAsync())), change => Assert.Equal("/career/1", change));
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task Stream_WhoseHistoryEnds_EndsAndIsToldSoWhenItComesBack()
    {
        _feeds.Content.Add(1);
        await using var stream = await EventStream.OpenAsync(_feeds.Gateway);
        Assert.Equal("/content/1", await stream.NextAsync());

        _feeds.Content.Restore();

        Assert.Null(await stream.NextAsync());
        await using var again = await EventStream.OpenAsync(_feeds.Gateway, stream.LastId);
        await ProblemShape.ExpectAsync(again.Answer, 410, "gone");
    }

    [Fact]
    public async Task Stream_WhoseSourceFailsAmidABacklog_GoesOnWhenItIsBack()
    {
        for (var i = 0; i < 60_000; i++)
        {
            _feeds.Content.Add(i);
        }
        await using var stream = await EventStream.OpenAsync(_feeds.Gateway);
        await stream.TakeAsync(10); // more than that is on its way, but not all: it is more than a connection holds
        _feeds.Content.IsAway = true;
        await stream.WaitForCommentAsync();
        _feeds.Content.IsAway = false;

        var last = "";
        while (last != "/content/60000")
        {
            last = await stream.NextAsync();
            Assert.NotNull(last);
        }
    }

    [Fact]
    public async Task Stream_WithALastIdThatIsNone_Is400()
    {
        await using var stream = await EventStream.OpenAsync(_feeds.Gateway, "17");

        var problem = await ProblemShape.ExpectAsync(stream.Answer, 400, "invalid-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty("Last-Event-ID", out _));
    }

    [Fact]
    public async Task Stream_ThatIsNotRead_IsCutOff()
    {
        for (var i = 0; i < 60_000; i++)
        {
            _feeds.Content.Add(i);
        }
        var address = _feeds.Gateway.Client.BaseAddress!;
        using var lazy = new TcpClient { ReceiveBufferSize = 1_024 };
        await lazy.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        var request = Encoding.ASCII.GetBytes($"GET /api/v1/changes/stream HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n");
        await lazy.GetStream().WriteAsync(request, TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(
            () => Task.FromResult(_feeds.Gateway.OpenStreams == 1),
            TimeSpan.FromMinutes(1),
            "the stream",
            TestContext.Current.CancellationToken
        );
        await Eventually.TrueAsync(
            () => Task.FromResult(_feeds.Gateway.OpenStreams == 0),
            TimeSpan.FromMinutes(2),
            "its end",
            TestContext.Current.CancellationToken
        );
    }
}
