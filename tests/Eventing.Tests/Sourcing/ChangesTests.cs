using System.Globalization;
using System.Net;
using System.Text.Json;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Sourcing;

/// <summary><c>/internal/changes</c> as another service reads it.</summary>
public sealed class ChangesTests(ServersFixture servers) : IAsyncLifetime
{
    private const string Changes = "/internal/changes";

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
    public async Task Feed_ReadByPagesFromTheStart_HasEveryEventOnceInOrder()
    {
        var ids = await _source.SaveNewAsync(25, _cancelled);

        List<JsonElement> items = [];
        for (var after = 0L; ; after = items[^1].GetProperty("position").GetInt64())
        {
            var page = await _source.GetInternalAsync($"{Changes}?after={after}&limit=10", _cancelled);
            Assert.Equal((0, 25), (page.GetProperty("floor").GetInt64(), page.GetProperty("head").GetInt64()));
            if (page.GetProperty("items").GetArrayLength() == 0)
            {
                Assert.Equal(JsonValueKind.Null, page.GetProperty("next").ValueKind);
                break;
            }
            items.AddRange(page.GetProperty("items").EnumerateArray());
        }

        Assert.Equal(
            Enumerable.Range(1, 25).Select(position => (long)position),
            items.Select(item => item.GetProperty("position").GetInt64())
        );
        Assert.Equal(ids.Select(id => $"things/{Things.SlugOf(id)}"), items.Select(item => Event(item).GetProperty("subject").GetString()));
        var epoch = await _source.Database.ScalarAsync<Guid>("SELECT epoch FROM feed_meta", _cancelled);
        Assert.All(items, item => Assert.Equal(epoch, Event(item).GetProperty("epoch").GetGuid()));
        Assert.All(items, item => Assert.Equal(Things.Changed, Event(item).GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Feed_WithoutParameters_GivesTheFirstHundred()
    {
        await _source.SaveNewAsync(101, _cancelled);

        var page = await _source.GetInternalAsync(Changes, _cancelled);

        Assert.Equal(100, page.GetProperty("items").GetArrayLength());
        Assert.Equal(1, page.GetProperty("items")[0].GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task Feed_WithALimitOfZero_SaysWhereItIsAndSinceWhenTheNextWaits()
    {
        await _source.SaveNewAsync(3, _cancelled);

        var page = await _source.GetInternalAsync($"{Changes}?after=2&limit=0", _cancelled);

        Assert.Equal((3, 0), (page.GetProperty("head").GetInt64(), page.GetProperty("items").GetArrayLength()));
        Assert.Equal(
            await _source.Database.ScalarAsync<DateTime>("SELECT occurred_at FROM event_log ORDER BY seq DESC LIMIT 1", _cancelled),
            page.GetProperty("next").GetDateTime()
        );
    }

    [Fact]
    public async Task Reader_ThatNamesItself_IsKnownByItsLastPosition()
    {
        await _source.SaveNewAsync(5, _cancelled);

        await _source.GetInternalAsync($"{Changes}?after=2&limit=0&consumer=other.things", _cancelled);
        await _source.GetInternalAsync($"{Changes}?after=4&limit=1&consumer=other.things", _cancelled);
        await _source.GetInternalAsync($"{Changes}?after=1", _cancelled); // nobody's

        const string Sql = "SELECT string_agg(name || '@' || pos, ',') FROM feed_consumer WHERE seen_at > now() - interval '5 minutes'";
        Assert.Equal("other.things@4", await _source.Database.ScalarAsync<string>(Sql, _cancelled));
    }

    [Fact]
    public async Task Event_ThatIsParked_IsAPositionWithItsReasonAndWithoutTheEvent()
    {
        await _source.SaveNewAsync(3, _cancelled);
        await _source.ExecuteAsync("INSERT INTO outbox_parked(pos, reason, attempts) VALUES (2, 'too large', 5)", _cancelled);

        var items = (await _source.GetInternalAsync(Changes, _cancelled)).GetProperty("items");

        Assert.Equal(3, items.GetArrayLength());
        Assert.Equal(JsonValueKind.Null, Event(items[1]).ValueKind);
        Assert.Equal("too large", items[1].GetProperty("parked").GetString());
        Assert.Equal(JsonValueKind.Null, items[2].GetProperty("parked").ValueKind);
    }

    [Theory]
    [InlineData("after=-1", "after")]
    [InlineData("after=two", "after")]
    [InlineData("after=99999999999999999999", "after")]
    [InlineData("after=1&after=2", "after")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=all", "limit")]
    [InlineData("before=3", "before")]
    public async Task Parameter_ThatIsWrong_IsNamedInA400(string query, string parameter)
    {
        using var answer = await _source.SendAsync(HttpMethod.Get, $"{Changes}?{query}", _source.InternalToken, _cancelled);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.Equal([parameter], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Theory]
    [InlineData(Changes)]
    [InlineData("/internal/state")]
    public async Task Source_AskedByAnybodyElse_IsForServicesAlone(string path)
    {
        using var nobody = await _source.SendAsync(HttpMethod.Get, path, null, _cancelled);
        var everyScope = _fixture.Issuer.Token($"{Scopes.Ops} {Scopes.ContentWrite} {Scopes.CareerWrite} {Scopes.Internal}");
        using var editor = await _source.SendAsync(HttpMethod.Get, path, everyScope, _cancelled);

        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, editor.StatusCode);
    }

    [Fact]
    public async Task Reader_BelowTheFloor_IsToldByA410AndCanStillAskWhereTheFeedIs()
    {
        await _source.SaveNewAsync(10, _cancelled);
        await CutAsync(_source.Database, 4);

        using var below = await _source.SendAsync(HttpMethod.Get, $"{Changes}?after=3", _source.InternalToken, _cancelled);
        var ends = await _source.GetInternalAsync($"{Changes}?after=3&limit=0", _cancelled);
        var at = await _source.GetInternalAsync($"{Changes}?after=4", _cancelled);

        await ProblemShape.ExpectAsync(below, 410, "gone");
        Assert.Equal((4, 10), (ends.GetProperty("floor").GetInt64(), ends.GetProperty("head").GetInt64()));
        Assert.Equal(5, at.GetProperty("items")[0].GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task Cut_BetweenTheStatementsOfARead_IsA410AndNeverAGap()
    {
        await _source.SaveNewAsync(10, _cancelled);
        await using var connection = await _source.Database.OpenConnectionAsync(_cancelled);
        await using var cut = await connection.BeginTransactionAsync(_cancelled);
        const string Waiting = """
            SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE relation = 'outbox_parked'::regclass AND NOT granted AND query LIKE 'SELECT f.pos, e.aggregate_id%')
            """;
        // Of what the reader needs only the events' own statement looks here, and so it stands still in the middle of a read.
        await ExecuteAsync(cut, "LOCK TABLE outbox_parked IN ACCESS EXCLUSIVE MODE");

        var reading = _source.SendAsync(HttpMethod.Get, $"{Changes}?after=0&limit=10", _source.InternalToken, _cancelled);
        await Eventually.TrueAsync(
            () => _source.Database.ScalarAsync<bool>(Waiting, _cancelled),
            TwoServices.Deadline,
            "a read that waits",
            _cancelled
        );
        await ExecuteAsync(cut, CutSql(6));
        await cut.CommitAsync(_cancelled);

        using var answer = await reading;
        await ProblemShape.ExpectAsync(answer, 410, "gone");
    }

    private static JsonElement Event(JsonElement item) => item.GetProperty("event");

    private static string CutSql(long floor) =>
        string.Create(CultureInfo.InvariantCulture, $"UPDATE feed_meta SET floor_pos = {floor}; DELETE FROM feed WHERE pos <= {floor}");

    private async Task CutAsync(NpgsqlDataSource database, long floor)
    {
        await using var cut = database.CreateCommand(CutSql(floor));
        await cut.ExecuteNonQueryAsync(_cancelled);
    }

    private async Task ExecuteAsync(NpgsqlTransaction transaction, string sql)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        await command.ExecuteNonQueryAsync(_cancelled);
    }
}
