using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.ContentService.Tests;

/// <summary>Where a write is in the feed, and reads that are not older than that.</summary>
[Collection(nameof(RunningContentService))]
public sealed class ChangeCursorTests(RunningContentService service)
{
    private const string Header = "Change-Cursor";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Technology_Saved_SaysWhereItsEventIs()
    {
        var first = await PutAsync("/api/v1/technologies/cursor-one", new { name = "One", category = "Cursors" });
        var other = await PutAsync("/api/v1/technologies/cursor-other", new { name = "Other", category = "Cursors" });
        var same = await PutAsync("/api/v1/technologies/cursor-one", new { name = "One", category = "Cursors" });

        Assert.Equal(await PositionAsync("technologies/cursor-one"), first);
        Assert.Equal(await PositionAsync("technologies/cursor-other"), other);
        Assert.Equal(await NewestAsync(), same); // it changed nothing, and is as far as the feed is
    }

    [Fact]
    public async Task Guide_SavedAndPublishedTwiceWithOneKey_SaysWhereItsOneEventIs()
    {
        var before = await NewestAsync();
        var body = new { title = "Cursors", sections = new[] { new { heading = "One", blocks = Array.Empty<object>() } } };
        Assert.Equal(before, await PutAsync("/api/v1/guides/cursor-guide", body));

        var published = await PublishAsync("cursor-guide");
        await PutAsync("/api/v1/technologies/cursor-between", new { name = "Between", category = "Cursors" });
        var again = await PublishAsync("cursor-guide");

        Assert.Equal(await PositionAsync("guides/cursor-guide"), published);
        Assert.Equal(published, again);
    }

    [Fact]
    public async Task Read_AfterAChangeThatIsThere_IsAnswered()
    {
        var position = await PutAsync("/api/v1/technologies/cursor-read", new { name = "Read", category = "Cursors" });
        var cursor = ChangeCursor.Start.With(EventSources.Content, position).ToString();

        foreach (var path in new[] { "technologies/cursor-read", "technologies", "guides", "guides/what-is-backend-development" })
        {
            using var answer = await GetAsync($"/api/v1/{path}", cursor);
            Assert.Equal(200, (int)answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("17")]
    [InlineData("no cursor")]
    [InlineData("AQAAAAAA")]
    public async Task Read_AfterWhatIsNoCursor_Is400(string cursor)
    {
        using var answer = await GetAsync("/api/v1/technologies", cursor);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty("After-Change", out _));
    }

    [Fact]
    public async Task Read_AfterAChangeThatDoesNotCome_Is503()
    {
        var newest = await NewestAsync();
        await ExpectTooOldAsync(ChangeCursor.Start.With(EventSources.Content, newest with { Position = newest.Position + 1_000 }));
        await ExpectTooOldAsync(ChangeCursor.Start.With(EventSources.Content, newest with { Epoch = Guid.NewGuid() }));
        await ExpectTooOldAsync(ChangeCursor.Start.With(EventSources.Career, new FeedPosition(Guid.NewGuid(), 1)));
    }

    [Theory]
    [InlineData("/api/v1/technologies")]
    [InlineData("/api/v1/technologies/python")]
    [InlineData("/api/v1/guides")]
    public async Task Read_OfWhatIsMadeOfNoCopy_DoesNotWaitForTheCopy(string path)
    {
        var unheardOf = ChangeCursor.Start.With(EventSources.Career, new FeedPosition(Guid.NewGuid(), 1));

        using var answer = await GetAsync(path, unheardOf.ToString());

        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Read_AfterAChangeOfTheOtherService_WaitsUntilTheCopyHasIt()
    {
        const string Guide = "/api/v1/guides/what-is-backend-development";
        var settings = await service.CreateSettingsAsync(); // a service of its own: nobody else's copy is tampered with
        using var client = service.Start(settings);
        var database = settings["ConnectionStrings:content-db"]!;
        var epoch = Guid.NewGuid();
        var cursor = ChangeCursor.Start.With(EventSources.Career, new FeedPosition(epoch, 3)).ToString();
        await ExecuteAsync(database, $"INSERT INTO source_progress VALUES ('content.careers', '/career', '{epoch}', 2, 2)");
        using (var early = await GetAsync(client, Guide, cursor))
        {
            await ProblemShape.ExpectAsync(early, 503, "unavailable");
        }

        var reading = GetAsync(client, Guide, cursor);
        await ExecuteAsync(database, "UPDATE source_progress SET contiguous_pos = 3");

        using var answer = await reading;
        Assert.Equal(200, (int)answer.StatusCode);

        // What was set aside is passed, and not in the copy.
        await ExecuteAsync(
            database,
            $"INSERT INTO parked_event VALUES ('content.careers', '/career', '{epoch}', 3, '{{\"type\":\"{EventTypes.CareerPublished}\"}}', 'a reason')"
        );
        using var parked = await GetAsync(client, Guide, cursor);
        await ProblemShape.ExpectAsync(parked, 503, "unavailable");
    }

    [Fact]
    public async Task Answer_WhileAnEventIsAppliedBeforeItsTurn_SaysUpToWhereItMayShowSomeOfIt()
    {
        var settings = await service.CreateSettingsAsync();
        using var client = service.Start(settings);
        var epoch = Guid.NewGuid();
        await ExecuteAsync(
            settings["ConnectionStrings:content-db"]!,
            $"INSERT INTO source_progress VALUES ('content.careers', '/career', '{epoch}', 2, 5)"
        );

        using var answer = await client.GetAsync("/api/v1/guides/what-is-backend-development", Token);

        Assert.Contains(
            $"career=2;epoch=\"{epoch}\";since=2;seen=5",
            string.Join(", ", answer.Headers.GetValues("Applied")),
            StringComparison.Ordinal
        );
    }

    private async Task ExpectTooOldAsync(ChangeCursor cursor)
    {
        using var answer = await GetAsync("/api/v1/guides/what-is-backend-development", cursor.ToString());
        await ProblemShape.ExpectAsync(answer, 503, "unavailable");
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    private async Task<FeedPosition> PutAsync(string path, object body)
    {
        using var answer = await service.SendAsync("PUT", path, body);
        return CursorOf(answer);
    }

    private async Task<FeedPosition> PublishAsync(string slug)
    {
        using var request = service.Request("POST", $"/api/v1/guides/{slug}/publish");
        request.Headers.Add("Idempotency-Key", "once");
        using var answer = await service.Client.SendAsync(request, Token);
        return CursorOf(answer);
    }

    private static FeedPosition CursorOf(HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, answer.StatusCode.ToString());
        Assert.True(ChangeCursor.TryParse(answer.Headers.GetValues(Header).Single(), out var cursor));
        Assert.Null(cursor.Of(EventSources.Career)); // which only the gateway knows
        return cursor.Of(EventSources.Content)!.Value;
    }

    private Task<HttpResponseMessage> GetAsync(string path, string cursor) => GetAsync(service.Client, path, cursor);

    private async Task<HttpResponseMessage> GetAsync(HttpClient client, string path, string cursor)
    {
        using var request = service.Request("GET", path, scope: null);
        request.Headers.TryAddWithoutValidation("After-Change", cursor);
        return await client.SendAsync(request, Token);
    }

    private Task<FeedPosition> PositionAsync(string subject) =>
        ReadPositionAsync($"SELECT epoch, pos FROM feed JOIN event_log USING (seq), feed_meta WHERE headers->>'subject' = '{subject}'");

    private Task<FeedPosition> NewestAsync() => ReadPositionAsync("SELECT epoch, (SELECT max(pos) FROM feed) FROM feed_meta");

    private async Task<FeedPosition> ReadPositionAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var command = database.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync(Token);
        Assert.True(await row.ReadAsync(Token));
        return new FeedPosition(row.GetGuid(0), row.GetInt64(1));
    }

    private static async Task ExecuteAsync(string connection, string sql)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
