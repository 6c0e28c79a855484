using System.Globalization;
using System.Text.Json.Nodes;
using BackendGuide.Eventing.Log;
using BackendGuide.Eventing.Tests.Sourcing;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Following;

/// <summary><c>/internal/feed</c> as the gateway reads it.</summary>
public sealed class FeedTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private SourceFixture _fixture = null!;
    private WebService _source = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await SourceFixture.CreateAsync(servers, _cancelled);
        _source = await _fixture.StartQuietSourceAsync(_cancelled);
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Feed_ReadByPages_HasTheEventsAsTheBusHasThem()
    {
        await _source.SaveAsync(Guid.CreateVersion7(), "\"quoted\" <b>ü</b> \u2028 \\ \n", _cancelled);
        await _source.SaveNewAsync(24, _cancelled);
        var onTheBus = (await _source.GetInternalAsync("/internal/changes?after=0&limit=100", _cancelled))
            .GetProperty("items")
            .EnumerateArray()
            .Select(item => JsonNode.Parse(item.GetProperty("event").GetRawText())!.AsObject())
            .ToList();
        // What was not traced has a null on the bus, and here nothing: to CloudEvents they are the same.
        onTheBus.ForEach(one => Assert.True(one.Remove("traceparent", out var trace) && trace is null));

        List<JsonNode?> events = [];
        for (var page = await ReadAsync("after=0&limit=10"); page.Lines.Count > 0; page = await ReadAsync($"after={events.Count}&limit=10"))
        {
            Assert.Equal((0, 25), (page.Floor, page.Head));
            Assert.Equal(events.Count + 1, page.Lines[0].Position);
            events.AddRange(page.Lines.Select(line => JsonNode.Parse(line.Json)));
        }

        Assert.Equal(onTheBus.Count, events.Count);
        Assert.All(onTheBus.Zip(events), pair => Assert.True(JsonNode.DeepEquals(pair.First, pair.Second), $"{pair.First}\n{pair.Second}"));
    }

    [Fact]
    public async Task Feed_WithATypeAndATime_SaysThemBeforeTheEvent()
    {
        await _source.SaveNewAsync(1, _cancelled);

        var line = Assert.Single((await ReadAsync("after=0")).Lines);

        var cloudEvent = JsonNode.Parse(line.Json)!;
        Assert.Equal(Things.Changed, line.Type);
        var time = DateTime.Parse(cloudEvent["time"]!.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
        Assert.Equal((time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, line.Micros);
    }

    [Fact]
    public async Task Feed_WithNothingAfter_IsAnsweredWhenSomethingIsCommitted()
    {
        await _source.SaveNewAsync(3, _cancelled);
        var epoch = (await ReadAsync("after=3")).Epoch;

        var waiting = ReadAsync($"after=3&wait=5&epoch={epoch}");
        await _source.SaveNewAsync(1, _cancelled);

        Assert.Equal(4, Assert.Single((await waiting).Lines).Position);
        Assert.Empty((await ReadAsync($"after=4&wait=1&epoch={epoch}")).Lines);
    }

    [Fact]
    public async Task Feed_BelowTheFloor_BeginsAtIt()
    {
        await _source.SaveNewAsync(10, _cancelled);
        await _source.ExecuteAsync("INSERT INTO relay_cursor SELECT 'rabbitmq', epoch, 10 FROM feed_meta", _cancelled);
        var later = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1);
        Assert.Equal(9, await _source.Get<Retention>().CutAsync(later, _cancelled));

        var page = await ReadAsync("after=0");

        Assert.Equal((9, 10, 10), (page.Floor, page.Head, Assert.Single(page.Lines).Position));
    }

    [Theory]
    [InlineData("after=-1", "after")]
    [InlineData("after=x", "after")]
    [InlineData("limit=1001", "limit")]
    [InlineData("wait=6", "wait")]
    [InlineData("epoch=x", "epoch")]
    [InlineData("type=x", "type")]
    public async Task Feed_AskedForWrongly_Is400(string query, string parameter)
    {
        using var answer = await _source.SendAsync(HttpMethod.Get, $"/internal/feed?{query}", _source.InternalToken, _cancelled);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty(parameter, out _));
    }

    [Fact]
    public async Task Feed_AskedForByAnOperator_IsRefused()
    {
        using var answer = await _source.SendAsync(HttpMethod.Get, "/internal/feed", _source.OpsToken, _cancelled);

        Assert.Equal(403, (int)answer.StatusCode);
    }

    private async Task<Page> ReadAsync(string query)
    {
        using var answer = await _source.SendAsync(HttpMethod.Get, $"/internal/feed?{query}", _source.InternalToken, _cancelled);
        Assert.Equal(200, (int)answer.StatusCode);
        var lines = (await answer.Content.ReadAsStringAsync(_cancelled)).Split('\n');
        Assert.Equal(["", ""], lines[^2..]); // an empty one, and the end of that
        var first = lines[0].Split(' ');
        return new Page(
            Guid.Parse(first[0]),
            long.Parse(first[1], CultureInfo.InvariantCulture),
            long.Parse(first[2], CultureInfo.InvariantCulture),
            [.. lines[1..^2].Select(line => line.Split(' ', 4)).Select(Line.Of)]
        );
    }

    private sealed record Page(Guid Epoch, long Floor, long Head, IReadOnlyList<Line> Lines);

    private sealed record Line(long Position, long Micros, string Type, string Json)
    {
        public static Line Of(string[] words) =>
            new(long.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture), words[2], words[3]);
    }
}
