using BackendGuide.CareerService.Tests.Caching;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.CareerService.Tests;

/// <summary>Where a write is in the feed, and reads that are not older than that, nor than what content has said.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class ChangeCursorTests(CareerServiceFixture career, CareerInstances instances, ServersFixture servers)
    : IClassFixture<CareerInstances>
{
    private const string Seeded = "/api/v1/careers/backend-developer";
    private static readonly string[] s_madeOfTopics = [Seeded, $"{Seeded}/learning-path", $"{Seeded}/technologies"];
    private static readonly string[] s_ofCareersAlone = ["/api/v1/careers", $"{Seeded}/revisions", $"{Seeded}/revisions/1"];
    private static readonly string[] s_paths = [.. s_ofCareersAlone, .. s_madeOfTopics];
    private static readonly int s_loops = Sizes.Pick(quick: 150, full: 1_000);

    // Nothing listens there.
    private const string NoBroker = "amqp://guest:guest@127.0.0.1:1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Career_Saved_SaysWhereItsEventIsAndWhatItEvicts()
    {
        var (one, other) = (career.NewSlug(), career.NewSlug());
        using var created = await SaveAsync(one, "One");
        using var otherCreated = await SaveAsync(other, "Other");
        using var changed = await SaveAsync(one, "One, changed");
        using var same = await SaveAsync(other, "Other");

        Assert.Equal(await PositionAsync(one, version: 1), CareerInstances.PositionOf(created));
        Assert.Equal(await PositionAsync(other, version: 1), CareerInstances.PositionOf(otherCreated));
        Assert.Equal(await PositionAsync(one, version: 2), CareerInstances.PositionOf(changed));
        Assert.Equal(await NewestAsync(), CareerInstances.PositionOf(same)); // it changed nothing, and is as far as the feed is
        Assert.Equal($"career:{one} careers", changed.Headers.GetValues("Surrogate-Key").Single());
        Assert.False(same.Headers.Contains("Surrogate-Key"));
    }

    [Theory]
    [InlineData("17")]
    [InlineData("no cursor")]
    [InlineData("AQAAAAAA")]
    public async Task Read_AfterWhatIsNoCursor_Is400(string cursor)
    {
        foreach (var path in s_paths)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("After-Change", cursor);
            using var answer = await career.Reader.SendAsync(request, Token);

            var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
            Assert.True(problem.GetProperty("errors").TryGetProperty("After-Change", out _));
        }
    }

    [Fact]
    public async Task Read_AfterAChangeThatDoesNotCome_Is503()
    {
        var newest = await NewestAsync();
        await ExpectTooOldAsync(career.Reader, Cursor(EventSources.Career, newest with { Position = newest.Position + 1_000 }));
        await ExpectTooOldAsync(career.Reader, Cursor(EventSources.Career, newest with { Epoch = Guid.NewGuid() }));
        var unheardOf = Cursor(EventSources.Content, new FeedPosition(Guid.NewGuid(), 1));
        await ExpectTooOldAsync(career.Reader, unheardOf, s_madeOfTopics);
        foreach (var path in s_ofCareersAlone) // made of no copy
        {
            Assert.Equal(200, (await career.Reader.SeeAsync(path, Token, unheardOf)).Status);
        }
    }

    [Fact]
    public async Task Read_AfterAChange_HasItInTheCareerItsPathAndTheListAtEachInstance()
    {
        var slug = $"0-{career.NewSlug()}"; // the first in the list, however many there are
        for (var i = 0; i < s_loops; i++)
        {
            var cursor = Cursor(EventSources.Career, await instances.PutAsync(slug, $"Title {i}."));
            foreach (var path in new[] { $"/api/v1/careers/{slug}", $"/api/v1/careers/{slug}/learning-path", "/api/v1/careers?limit=100" })
            {
                Assert.Contains($"Title {i}.", (await SeeAfterAsync(instances.Other, path, cursor)).Body, StringComparison.Ordinal);
            }
            var revision = await SeeAfterAsync(instances.Other, $"/api/v1/careers/{slug}/revisions/{i + 1}", cursor);
            Assert.Contains($"Title {i}.", revision.Body, StringComparison.Ordinal);
            var revisions = await SeeAfterAsync(instances.Other, $"/api/v1/careers/{slug}/revisions", cursor);
            Assert.StartsWith($$"""{"items":[{"revision":{{i + 1}},""", revisions.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Withdrawal_OfACareer_SaysWhereItsEventIsAndWhoReadsAfterItSeesNothingOlder()
    {
        var slug = career.NewSlug();
        for (var i = 0; i < s_loops / 10; i++)
        {
            await instances.PutAsync(slug, $"Title {i}.");
            await instances.Other.SeeAsync($"/api/v1/careers/{slug}", Token);
            var withdrawn = await instances.WithdrawAsync(slug);

            Assert.Equal(await PositionAsync(slug, version: (2 * i) + 2), withdrawn);
            foreach (var path in new[] { $"/api/v1/careers/{slug}", $"/api/v1/careers/{slug}/learning-path" })
            {
                var seen = await SeeAfterAsync(instances.Other, path, Cursor(EventSources.Career, withdrawn));
                Assert.Equal(410, seen.Status);
            }
        }
    }

    [Fact]
    public async Task Read_AfterAChangeOfContent_HasItInTheTopicsAtEachInstance()
    {
        var (slug, topic) = (career.NewSlug(), instances.NewTopic());
        await instances.PutAsync(slug, "Points to it", topic);
        for (var i = 1; i <= s_loops / 3; i++)
        {
            var cursor = Cursor(EventSources.Content, await career.Broker.PublishTechnologyAsync(topic, i, $"Name {i}."));
            foreach (var path in new[] { $"/api/v1/careers/{slug}", $"/api/v1/careers/{slug}/learning-path" })
            {
                foreach (var instance in instances.Both)
                {
                    Assert.Contains($"Name {i}.", (await SeeAfterAsync(instance, path, cursor)).Body, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public async Task Read_AfterAChange_WhereNothingIsHeardOfIt_IsNeverOfAnOlderEntryInMemoryOrRedis()
    {
        // Nobody there announces anything: no floor is raised in Redis either, and only what was asked for tells old from new.
        var database = await servers.CreateDatabaseAsync(Token);
        await using var writing = career.StartInstance(database, NoBroker);
        await using var reading = career.StartInstance(database, NoBroker);
        using var editor = career.CreateClient(ServiceDefaults.Scopes.CareerWrite, writing);
        using var writer = writing.CreateClient();
        using var reader = reading.CreateClient();
        var (kept, shared, slug) = (0, 0, career.NewSlug());
        for (var i = 0; i < s_loops; i++)
        {
            var unread = $"{slug}-{i}";
            await PutAsync(editor, unread, "Unread, as it was.");
            await writer.SeeAsync($"/api/v1/careers/{unread}", Token); // only Redis has it for the reader
            await PutAsync(editor, unread, "Unread, as it is.");
            var cursor = Cursor(EventSources.Career, await PutAsync(editor, slug, $"Title {i}."));

            foreach (var path in new[] { $"/api/v1/careers/{slug}", $"/api/v1/careers/{slug}/learning-path" })
            {
                kept += i > 0 && (await reader.SeeAsync(path, Token)).Body.Contains($"Title {i}.", StringComparison.Ordinal) ? 0 : 1;
                Assert.Contains($"Title {i}.", (await SeeAfterAsync(reader, path, cursor)).Body, StringComparison.Ordinal);
            }
            var path2 = $"/api/v1/careers/{unread}";
            if (i % 2 == 0)
            {
                Assert.Contains("as it is.", (await SeeAfterAsync(reader, path2, cursor)).Body, StringComparison.Ordinal);
            }
            else
            {
                shared += (await reader.SeeAsync(path2, Token)).Body.Contains("as it was.", StringComparison.Ordinal) ? 1 : 0;
            }
        }
        Assert.True(kept > s_loops && shared > 0, $"{kept} kept in memory, {shared} in Redis: too few that could be given out by mistake");

        var unknown = Cursor(EventSources.Content, new FeedPosition(Guid.NewGuid(), 7));
        var since = TimeProvider.System.GetTimestamp();
        await ExpectTooOldAsync(reader, unknown, s_madeOfTopics);
        var each = TimeProvider.System.GetElapsedTime(since) / s_madeOfTopics.Length;
        Assert.InRange(each, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(10));
    }

    private static string Cursor(string source, FeedPosition position) => ChangeCursor.Start.With(source, position).ToString();

    // On a machine that is slow a change may take longer than a reader waits: then it is told so, and asks again.
    private static async Task<SeenAnswer> SeeAfterAsync(HttpClient instance, string path, string cursor)
    {
        SeenAnswer? seen = null;
        await Eventually.TrueAsync(
            async () =>
            {
                seen = await instance.SeeAsync(path, Token, cursor);
                Assert.True(seen.Status is 200 or 410 or 503, seen.ToString());
                return seen.Status != 503;
            },
            TimeSpan.FromMinutes(1),
            $"{path} after the change",
            Token
        );
        return seen!;
    }

    private static async Task ExpectTooOldAsync(HttpClient reader, string cursor, string[]? paths = null)
    {
        foreach (var path in paths ?? s_paths)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "After-Change", cursor } } };
            using var answer = await reader.SendAsync(request, Token);
            await ProblemShape.ExpectAsync(answer, 503, "unavailable");
            Assert.NotNull(answer.Headers.RetryAfter);
        }
    }

    private Task<HttpResponseMessage> SaveAsync(string slug, string title) => SaveAsync(career.Editor, slug, title);

    private static async Task<HttpResponseMessage> SaveAsync(HttpClient editor, string slug, string title)
    {
        var body = Bodies.WithPath($$"""[{ "id": "step", "title": "Step of {{title}}" }]""");
        body["title"] = title;
        var answer = await editor.PutAsync($"/api/v1/careers/{slug}", Json.Content(body), Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        return answer;
    }

    private static async Task<FeedPosition> PutAsync(HttpClient editor, string slug, string title)
    {
        using var answer = await SaveAsync(editor, slug, title);
        return CareerInstances.PositionOf(answer);
    }

    private Task<FeedPosition> PositionAsync(string slug, long version) =>
        ReadPositionAsync(
            $"""
            SELECT epoch, pos FROM feed JOIN event_log USING (seq), feed_meta
            WHERE headers->>'subject' = 'careers/{slug}' AND aggregate_version = {version}
            """
        );

    private Task<FeedPosition> NewestAsync() => ReadPositionAsync("SELECT epoch, (SELECT max(pos) FROM feed) FROM feed_meta");

    private async Task<FeedPosition> ReadPositionAsync(string sql)
    {
        await using var command = career.Database.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync(Token);
        Assert.True(await row.ReadAsync(Token));
        return new FeedPosition(row.GetGuid(0), row.GetInt64(1));
    }
}
