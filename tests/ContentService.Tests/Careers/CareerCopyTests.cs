using System.Text.Json;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Careers;

[Collection(nameof(RunningContentService))]
public sealed class CareerCopyTests(RunningContentService service)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_in_any_order_and_twice_leave_the_newest_version()
    {
        foreach (var version in new long[] { 2, 1, 3, 3, 2, 1 })
        {
            await PublishAsync("shuffled", version);
        }

        await WaitAsync("shuffled", (3, "Title 3", false));
    }

    [Fact]
    public async Task A_withdrawn_career_stays_as_a_tombstone_whatever_comes_late()
    {
        await PublishAsync("withdrawn", 1);
        await PublishAsync("withdrawn", 3, withdrawn: true);
        await PublishAsync("withdrawn", 2);

        await WaitAsync("withdrawn", (3, "Title 3", true));
    }

    [Fact]
    public async Task A_guide_forgets_a_career_that_is_withdrawn()
    {
        const string Path = "/api/v1/guides/loses-a-career";
        using var put = await service.SendAsync(
            "PUT",
            Path,
            RunningContentService.GuideWith("Loses", new { kind = "career", career = "lost" })
        );
        using var publish = await service.SendAsync("POST", Path + "/publish");
        await PublishAsync("lost", 1);
        await WaitAsync("lost", (1, "Title 1", false));
        await ShowsAsync(Path, "Title 1");

        await PublishAsync("lost", 2, withdrawn: true);
        await WaitAsync("lost", (2, "Title 2", true));

        await ShowsAsync(Path, null);
    }

    [Fact]
    public async Task A_withdrawn_career_is_nowhere_until_it_is_published_again()
    {
        const string Path = "/api/v1/guides/shows-the-comeback";
        using var put = await service.SendAsync(
            "PUT",
            Path,
            RunningContentService.GuideWith(
                "Comeback",
                new { kind = "career", career = "comeback" },
                new { kind = "learningPath", career = "comeback" }
            )
        );
        using var publish = await service.SendAsync("POST", Path + "/publish");
        using var technology = await service.SendAsync("PUT", "/api/v1/technologies/quenya", new { name = "Quenya", category = "Tongues" });

        await ShowsAsync(withdrawn: false, version: 1);
        await ShowsAsync(withdrawn: true, version: 2);
        await ShowsAsync(withdrawn: false, version: 3);

        async Task ShowsAsync(bool withdrawn, long version)
        {
            await service.Careers.PublishAsync("comeback", version, "Platypologist", withdrawn, topics: ["quenya"]);
            await WaitAsync("comeback", (version, "Platypologist", withdrawn));
            await Eventually.EqualAsync(
                withdrawn ? "Null Null 0 0" : "Object Object 1 1",
                async () =>
                {
                    var blocks = (await service.GetAsync(Path)).GetProperty("sections")[0].GetProperty("blocks");
                    var found = await service.GetAsync("/api/v1/search?q=platypologist&kind=career");
                    var careers = await service.GetAsync("/api/v1/technologies/quenya/careers");
                    return $"{blocks[0].GetProperty("resolved").ValueKind} {blocks[1].GetProperty("resolved").ValueKind} "
                        + $"{found.GetProperty("items").GetArrayLength()} {careers.GetProperty("items").GetArrayLength()}";
                },
                s_deadline,
                "what guides, search and technologies show of the career",
                Token
            );
        }
    }

    [Fact]
    public async Task A_guide_shows_a_career_as_soon_as_it_is_known_under_a_new_tag()
    {
        const string Path = "/api/v1/guides/shows-a-career";
        using var put = await service.SendAsync(
            "PUT",
            Path,
            RunningContentService.GuideWith(
                "Shows",
                new { kind = "career", career = "shown" },
                new { kind = "learningPath", career = "shown" }
            )
        );
        using var publish = await service.SendAsync("POST", Path + "/publish");
        var blocks = (await service.GetAsync(Path)).GetProperty("sections")[0].GetProperty("blocks");
        Assert.All(blocks.EnumerateArray(), block => Assert.Equal(JsonValueKind.Null, block.GetProperty("resolved").ValueKind));
        using var unknown = await service.Client.GetAsync(Path, Token);

        await PublishAsync("shown", 1);
        await WaitAsync("shown", (1, "Title 1", false));
        await ShowsAsync(Path, "Title 1");

        using var known = await service.Client.GetAsync(Path, Token);
        blocks = (await service.GetAsync(Path)).GetProperty("sections")[0].GetProperty("blocks");
        Assert.NotEqual(unknown.Headers.ETag, known.Headers.ETag);
        Assert.Equal("Title 1", blocks[0].GetProperty("resolved").GetProperty("title").GetString());
        Assert.Equal("first", blocks[1].GetProperty("resolved").GetProperty("steps")[0].GetProperty("id").GetString());
    }

    // What was kept goes a moment after the copy has changed: a read that may not be older says After-Change.
    private Task<string?> ShowsAsync(string path, string? title) =>
        Eventually.EqualAsync(
            title,
            async () =>
            {
                var resolved = (await service.GetAsync(path)).GetProperty("sections")[0].GetProperty("blocks")[0].GetProperty("resolved");
                return resolved.ValueKind == JsonValueKind.Null ? null : resolved.GetProperty("title").GetString();
            },
            s_deadline,
            $"what {path} shows",
            Token
        );

    private Task<FeedPosition> PublishAsync(string slug, long version, bool withdrawn = false) =>
        service.Careers.PublishAsync(slug, version, $"Title {version}", withdrawn);

    private async Task WaitAsync(string slug, (long, string, bool) expected) =>
        await Eventually.EqualAsync<(long, string, bool)?>(expected, () => ReadAsync(slug), s_deadline, $"the copy of {slug}", Token);

    private async Task<(long, string, bool)?> ReadAsync(string slug)
    {
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var command = database.CreateCommand("SELECT version, data->>'title', deleted FROM career_copy WHERE slug = $1");
        command.Parameters.Add(new() { Value = slug });
        await using var reader = await command.ExecuteReaderAsync(Token);
        return await reader.ReadAsync(Token) ? (reader.GetInt64(0), reader.GetString(1), reader.GetBoolean(2)) : null;
    }
}
