using System.Net;
using System.Text.Json;
using BackendGuide.CareerService.Careers;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using BackendGuide.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BackendGuide.CareerService.Tests.Careers;

[Collection(CareerServiceCollection.Name)]
public sealed class WriteTests(CareerServiceFixture career)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Put_OfANewCareer_Is201WithItsPlaceAndTheWholeCareer()
    {
        var slug = career.NewSlug();

        using var answer = await career.Editor.PutAsync($"/api/v1/careers/{slug}", Json.Content(Bodies.Whole()), Cancellation);
        var body = await Json.ReadAsync(answer);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal($"/api/v1/careers/{slug}", answer.Headers.Location?.OriginalString);
        Assert.StartsWith("\"1-", answer.Headers.ETag?.Tag, StringComparison.Ordinal);
        Assert.Equal(
            ["slug", "title", "summary", "outlook", "version", "publishedAt", "updatedAt", "levels", "learningPath"],
            body.Names()
        );
        Assert.Equal(slug, body.Text("slug"));
        Assert.Equal(1, body.GetProperty("version").GetInt64());
        Assert.Equal(body.Text("publishedAt"), body.Text("updatedAt"));
        Assert.Equal(["entry", "senior"], body.GetProperty("levels").EnumerateArray().Select(level => level.Text("level")));
        Assert.Equal(JsonValueKind.Null, body.GetProperty("levels")[0].GetProperty("salary").ValueKind);
        Assert.Equal(
            """{"min":100,"max":200,"currency":"EUR","region":"DE-BE","period":"year","source":"A survey","sourceUrl":"https://example.org/","licence":"CC0-1.0","asOf":"2026-11-22"}""",
            body.GetProperty("levels")[1].GetProperty("salary").GetRawText()
        );
    }

    [Fact]
    public async Task Put_OfACareer_AnswersWithWhatIsReadAndItsTag()
    {
        var slug = career.NewSlug();

        using var put = await career.Editor.PutAsync($"/api/v1/careers/{slug}", Json.Content(Bodies.Whole()), Cancellation);
        using var get = await career.Reader.GetAsync($"/api/v1/careers/{slug}", Cancellation);

        Assert.Equal(await put.Content.ReadAsStringAsync(Cancellation), await get.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(put.Headers.ETag, get.Headers.ETag);
    }

    [Fact]
    public async Task Put_OfAnotherState_Is200WithTheNextVersionAndTheFirstPublication()
    {
        var slug = career.NewSlug();
        var first = await career.PutAsync(slug, Bodies.Whole());
        var changed = Bodies.Whole();
        changed["outlook"] = "Better.";

        using var answer = await career.Editor.PutAsync($"/api/v1/careers/{slug}", Json.Content(changed), Cancellation);
        var second = await Json.ReadAsync(answer);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
        Assert.Equal(2, second.GetProperty("version").GetInt64());
        Assert.Equal("Better.", second.Text("outlook"));
        Assert.Equal(first.Text("publishedAt"), second.Text("publishedAt"));
        Assert.True(second.GetProperty("updatedAt").GetDateTime() > first.GetProperty("updatedAt").GetDateTime());
    }

    [Fact]
    public async Task Put_OfTheSameAgain_Is200WithTheSameVersionAndNoEvent()
    {
        var slug = career.NewSlug();
        var first = await career.PutAsync(slug, Bodies.Whole());
        var reordered = Bodies.Whole();
        var levels = reordered["levels"]!.AsArray();
        var senior = levels[0];
        levels.RemoveAt(0);
        levels.Add(senior);

        using var answer = await career.Editor.PutAsync($"/api/v1/careers/{slug}", Json.Content(reordered), Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(first.GetRawText(), (await Json.ReadAsync(answer)).GetRawText());
        Assert.Equal(1, await CountEventsAsync(slug));
    }

    [Fact]
    public async Task Put_OfACareer_WritesRowAndEventInOneTransaction()
    {
        const string Sql = "SELECT c.xmin = e.xmin FROM career c JOIN event_log e ON e.aggregate_id = c.id WHERE c.slug = $1";
        var slug = career.NewSlug();
        await career.PutAsync(slug, Bodies.Whole());

        await using var command = career.Database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = slug });

        Assert.Equal(true, await command.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task Transaction_ThatFailsAfterTheWrite_KeepsNeitherRowNorEvent()
    {
        var slug = career.NewSlug();
        var log = career.Service.Services.GetRequiredService<EventLog>();
        var careers = career.Service.Services.GetRequiredService<CareerWriter>();
        var (body, _) = Bodies.Read(Bodies.Whole());

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            log.WriteAsync<int>(
                async (transaction, token) =>
                {
                    await careers.SaveAsync(transaction, slug, body, "alice", conditions: null, token);
                    throw new InvalidOperationException("after the write");
                },
                Cancellation
            )
        );

        using var answer = await career.Reader.GetAsync($"/api/v1/careers/{slug}", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(0, await CountEventsAsync(slug));
    }

    [Fact]
    public async Task Put_OfACareer_IsPublishedWithItsWholeState()
    {
        var slug = career.NewSlug();
        var written = await career.PutAsync(slug, Bodies.Whole());

        await Eventually.TrueAsync(() => Task.FromResult(Arrived(slug).Any()), s_patience, "The event arrives", Cancellation);

        var arrived = Assert.Single(Arrived(slug));
        var data = arrived.Data.Deserialize<CareerPublished>(EventJson.Options)!;
        Assert.Equal(("/career", EventTypes.CareerPublished, "1"), (arrived.Source, arrived.Type, arrived.Sequence));
        Assert.Equal((slug, 1, "Data Engineer"), (data.Slug, data.Version, data.Title));
        Assert.Equal(["entry", "senior"], data.Levels.Select(level => level.Level));
        Assert.Equal(["postgresql", "python"], data.LearningPath[1].Topics);
        Assert.Equal(written.GetProperty("updatedAt").GetDateTime(), data.UpdatedAt);
        Assert.Equal(data.UpdatedAt, arrived.Time);
    }

    [Fact]
    public async Task Puts_OfOneCareerAtOnce_AreVersionsWithoutAGapEachWithItsEventAndALaterTime()
    {
        const int Writers = 12;
        var slug = career.NewSlug();

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, Writers)
                .Select(n =>
                {
                    var body = Bodies.Whole();
                    body["summary"] = $"By writer {n}";
                    return career.PutAsync(slug, body);
                })
        );

        Assert.Equal(Enumerable.Range(1, Writers).Select(n => (long)n), answers.Select(a => a.GetProperty("version").GetInt64()).Order());
        var byVersion = answers
            .OrderBy(a => a.GetProperty("version").GetInt64())
            .Select(a => a.GetProperty("updatedAt").GetDateTime())
            .ToList();
        Assert.Equal(byVersion.Distinct().Order(), byVersion);
        Assert.Equal(Writers, await CountEventsAsync(slug));
    }

    private IEnumerable<CloudEvent> Arrived(string slug) => career.Broker.Careers.Where(e => e.Subject == $"careers/{slug}");

    private async Task<long> CountEventsAsync(string slug)
    {
        await using var command = career.Database.CreateCommand("SELECT count(*) FROM event_log WHERE payload->>'slug' = $1");
        command.Parameters.Add(new() { Value = slug });
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
