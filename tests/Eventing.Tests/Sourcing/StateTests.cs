using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Log;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Sourcing;

/// <summary><c>/internal/state</c>, and what a consumer makes of one that is not whole.</summary>
public sealed class StateTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private SourceFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await SourceFixture.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task State_OfASource_IsItsHeadThenEachResourceThenTheirCount()
    {
        var source = await _fixture.StartQuietSourceAsync(_cancelled);
        var ids = await source.SaveNewAsync(3, _cancelled);
        await source.SaveAsync(ids[0], "changed", _cancelled);
        await source.Get<EventLog>().WriteAsync((tx, ct) => Things.RemoveAsync(tx, ids[1], ct), _cancelled);

        using var answer = await source.SendAsync(HttpMethod.Get, "/internal/state", source.InternalToken, _cancelled);
        var lines = (await answer.Content.ReadAsStringAsync(_cancelled)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        var epoch = await source.Database.ScalarAsync<Guid>("SELECT epoch FROM feed_meta", _cancelled);
        Assert.Equal($$"""{"epoch":"{{epoch}}","position":5}""", lines[0]);
        var resources = lines[1..^1].Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.Equal(
            new[] { (ids[0], Things.Changed, "2"), (ids[1], Things.Removed, "2"), (ids[2], Things.Changed, "1") }
                .Select(of => ($"things/{Things.SlugOf(of.Item1)}", of.Item2, of.Item3))
                .Order(),
            resources.Select(of => (Text(of, "subject"), Text(of, "type"), Text(of, "sequence"))).Order()
        );
        Assert.Equal("""{"count":3}""", lines[^1]);
    }

    [Fact]
    public async Task State_ReadByAConsumer_IsWhatTheSourceHas()
    {
        var source = await _fixture.StartQuietSourceAsync(_cancelled);
        var ids = await source.SaveNewAsync(1_000, _cancelled);

        await using var state = await Reader(source).OpenStateAsync(_cancelled);
        var read = await state.ReadAsync(_cancelled).Select(of => of.Subject).ToListAsync(_cancelled);

        Assert.Equal(1_000, state.Position);
        Assert.Equal(ids.Select(id => $"things/{Things.SlugOf(id)}").Order(StringComparer.Ordinal), read.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task State_ThatIsCutOff_IsRefusedAndNeverTakenForASmallOne(bool isLong)
    {
        var source = await _fixture.StartQuietSourceAsync(
            _cancelled,
            (snapshot, token) => BreakOffAsync(snapshot, isLong ? 900 : 2, token)
        );
        await source.SaveNewAsync(isLong ? 1_000 : 5, _cancelled);

        await Assert.ThrowsAsync<HttpRequestException>(() => ReadAllAsync(Reader(source)));
    }

    [Fact]
    public async Task Copy_OfASourceWhoseStateIsCutOff_StaysAsItWas()
    {
        var source = await _fixture.StartQuietSourceAsync(_cancelled, (snapshot, token) => BreakOffAsync(snapshot, 2, token));
        await source.SaveNewAsync(5, _cancelled);
        var consumer = await _fixture.StartConsumerAsync(source, _cancelled);
        var epoch = await source.Database.ScalarAsync<Guid>("SELECT epoch FROM feed_meta", _cancelled);
        await consumer.ExecuteAsync($"INSERT INTO thing_copy VALUES ('kept', '{epoch}', 1, 1, false, 'Kept')", _cancelled);

        await Assert.ThrowsAsync<HttpRequestException>(() => consumer.Get<ProjectionCopy>().ResyncAsync(rewound: false, _cancelled));

        Assert.Equal(1, await consumer.Database.ScalarAsync<long>("SELECT count(*) FROM thing_copy WHERE slug = 'kept'", _cancelled));
    }

    private static HttpSourceFeed Reader(WebService source) => FeedReader.Of(source.Address, source.InternalToken);

    private async Task ReadAllAsync(HttpSourceFeed reader)
    {
        await using var state = await reader.OpenStateAsync(_cancelled);
        await foreach (var resource in state.ReadAsync(_cancelled))
        {
            Assert.Equal(Things.Changed, resource.Type);
        }
    }

    private static async IAsyncEnumerable<CurrentState> BreakOffAsync(
        NpgsqlTransaction snapshot,
        int after,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var (index, of) in Things.ReadStateAsync(snapshot, cancellationToken).Index())
        {
            yield return index < after ? of : throw new InvalidOperationException("The source dies here.");
        }
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
