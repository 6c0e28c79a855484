using System.Net;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Guides;

/// <summary>
/// The Idempotency-Key of a publish. The working copy is changed between one request and the next, so that a publish that runs
/// again makes another version, another event and another answer.
/// </summary>
[Collection(nameof(RunningContentService))]
public sealed class PublishOnceTests(RunningContentService service)
{
    private static readonly object s_text = new { kind = "markdown", text = "Some text." };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publish_AgainWithItsKey_AnswersAsTheFirstDidAndMakesNoEvent()
    {
        await SaveAsync("kept-answer", "One");
        var first = await PublishAsync("kept-answer", "key-1");
        await SaveAsync("kept-answer", "Two");
        var again = await PublishAsync("kept-answer", "key-1");
        var quoted = await PublishAsync("kept-answer", "\"key-1\"");

        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.Contains("\"title\":\"One\"", first.Body, StringComparison.Ordinal);
        Assert.StartsWith("\"r1-", first.ETag);
        Assert.Equal((first, first), (again, quoted));
        Assert.Equal(1, await CountEventsAsync("kept-answer"));
        Assert.Equal("One", (await service.GetAsync("/api/v1/guides/kept-answer")).GetProperty("title").GetString());
    }

    [Fact]
    public async Task Publish_WithAKey_KeepsWhichEventItMade()
    {
        await SaveAsync("kept-event", "One");
        await PublishAsync("kept-event", "with-event");
        await PublishAsync("kept-event", "without-event");

        const string Sql = """
            SELECT array_agg(k.seq ORDER BY k.key DESC) = ARRAY[NULL, (SELECT seq FROM event_log WHERE headers->>'subject' = 'guides/kept-event')]
            FROM idempotency_key k WHERE path = '/api/v1/guides/kept-event/publish'
            """;
        Assert.True(await ScalarAsync<bool>(Sql));
    }

    [Fact]
    public async Task Publish_WithAKeyThatAnotherPathOrSubjectHas_IsAPublishOfItsOwn()
    {
        await SaveAsync("same-key-a", "A");
        await SaveAsync("same-key-b", "B");
        var one = await PublishAsync("same-key-a", "key");
        var otherPath = await PublishAsync("same-key-b", "key");
        await SaveAsync("same-key-a", "A, again");
        var otherSubject = await PublishAsync("same-key-a", "key", subject: "bob");
        await SaveAsync("same-key-a", "A, once more");
        var otherQuery = await PublishAsync("same-key-a", "key", query: "?locale=en");

        Assert.Equal(4, new[] { one.Body, otherPath.Body, otherSubject.Body, otherQuery.Body }.Distinct().Count());
        Assert.Equal(3, await CountEventsAsync("same-key-a"));
        Assert.Equal(1, await CountEventsAsync("same-key-b"));
    }

    [Theory]
    [InlineData("other-body", null, 422, "unprocessable")]
    [InlineData("other-version", "\"r99-x\"", 412, "precondition-failed")]
    public async Task Publish_WithItsKeyAndAnotherBody_IsRefusedForTheFirstFaultAndPublishesNothing(
        string slug,
        string? ifMatch,
        int status,
        string name
    )
    {
        await SaveAsync(slug, "One");
        await PublishAsync(slug, "key");
        await SaveAsync(slug, "Two");

        using var request = Request(slug, "key", body: "{}");
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }
        using var response = await service.Client.SendAsync(request, Token);

        await ProblemShape.ExpectAsync(response, status, name);
        Assert.Equal(1, await CountEventsAsync(slug));
    }

    [Fact]
    public async Task Publish_SixteenTimesAtOnceWithOneKey_MakesOneEventAndAnswersAllAlike()
    {
        await SaveAsync("all-at-once", "At first");

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(async n =>
                {
                    await SaveAsync("all-at-once", $"Title {n}");
                    return await PublishAsync("all-at-once", "key");
                })
        );

        Assert.Equal(HttpStatusCode.OK, Assert.Single(answers.Distinct()).Status);
        Assert.Equal(1, await CountEventsAsync("all-at-once"));
    }

    [Fact]
    public async Task Publish_ThatIsRefused_IsNotKept()
    {
        var dangling = RunningContentService.GuideWith("Dangling", new { kind = "guides", guides = new[] { "comes-later" } });
        var unknown = await PublishAsync("not-kept", "key");
        using var put = await service.SendAsync("PUT", "/api/v1/guides/not-kept", dangling);
        var refused = await PublishAsync("not-kept", "key");
        await SaveAsync("comes-later", "Later");
        await PublishAsync("comes-later", "key");
        var accepted = await PublishAsync("not-kept", "key");

        Assert.Equal(
            (HttpStatusCode.NotFound, HttpStatusCode.Conflict, HttpStatusCode.OK),
            (unknown.Status, refused.Status, accepted.Status)
        );
        Assert.Equal(1, await CountEventsAsync("not-kept"));
    }

    [Fact]
    public async Task Publish_WithItsKeyADayLater_IsAPublishOfItsOwn()
    {
        // A database of its own: an instance of tomorrow publishes what is scheduled until then, whoever scheduled it.
        var settings = await service.CreateSettingsAsync();
        var today = service.Start(settings);
        var editor = new GuideEditor(service, today);
        await editor.SendAsync("PUT", GuideEditor.Path("next-day"), GuideEditor.Body("One"));
        using var request = Request("next-day", "key");
        var first = await AnswerAsync(today, request);
        await editor.SendAsync("PUT", GuideEditor.Path("next-day"), GuideEditor.Body("Two"));
        var tomorrow = new LaterTime(TimeSpan.FromHours(24));

        using var later = Request("next-day", "key", time: tomorrow);
        var next = await AnswerAsync(service.Start(settings, tomorrow), later);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.Status, next.Status));
        Assert.NotEqual(first.Body, next.Body);
        Assert.Equal(
            "published 1 en, published 2 en",
            await editor.EventsAsync("guides/next-day", settings["ConnectionStrings:content-db"])
        );
    }

    private async Task SaveAsync(string slug, string title)
    {
        using var put = await service.SendAsync("PUT", $"/api/v1/guides/{slug}", RunningContentService.GuideWith(title, s_text));
        Assert.True(put.IsSuccessStatusCode);
    }

    private async Task<Answer> PublishAsync(string slug, string key, string subject = "alice", string query = "")
    {
        using var request = Request(slug, key, subject: subject, query: query);
        return await AnswerAsync(service.Client, request);
    }

    private HttpRequestMessage Request(
        string slug,
        string key,
        string? body = null,
        string subject = "alice",
        string query = "",
        TimeProvider? time = null
    )
    {
        var request = service.Request("POST", $"/api/v1/guides/{slug}/publish{query}", body, subject: subject, time: time);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return request;
    }

    private static async Task<Answer> AnswerAsync(HttpClient client, HttpRequestMessage request)
    {
        using var response = await client.SendAsync(request, Token);
        var headers = response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Date");
        return new Answer(
            response.StatusCode,
            response.Headers.ETag?.Tag,
            string.Join('\n', headers.Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal)),
            await response.Content.ReadAsStringAsync(Token)
        );
    }

    private Task<long> CountEventsAsync(string slug) =>
        ScalarAsync<long>($"SELECT count(*) FROM event_log WHERE headers->>'subject' = 'guides/{slug}'");

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Token))!;
    }

    private sealed record Answer(HttpStatusCode Status, string? ETag, string Headers, string Body);

    // Only what time it is: a service whose timers stand still would not run.
    private sealed class LaterTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
