using System.Net;
using System.Text.Json;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Technologies;

[Collection(nameof(RunningContentService))]
public sealed class TechnologyEndpointsTests(RunningContentService service)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Put_is_public_at_once_and_grows_the_version_only_with_a_change()
    {
        const string Path = "/api/v1/technologies/sqlite";
        using var created = await service.SendAsync("PUT", Path, new { name = "SQLite", category = "Databases" });
        using var same = await service.SendAsync("PUT", Path, new { name = "SQLite", category = "Databases" });
        using var changed = await service.SendAsync(
            "PUT",
            Path,
            new
            {
                name = "SQLite 3",
                category = "Databases",
                website = "https://sqlite.org",
            }
        );
        var read = await service.GetAsync(Path);

        Assert.Equal(
            (HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK),
            (created.StatusCode, same.StatusCode, changed.StatusCode)
        );
        Assert.Equal(created.Headers.ETag, same.Headers.ETag);
        Assert.Equal(2, read.GetProperty("version").GetInt64());
        Assert.Equal("https://sqlite.org", read.GetProperty("website").GetString());
        Assert.Equal(0, read.GetProperty("guides").GetArrayLength());
    }

    [Fact]
    public async Task Put_with_faults_names_them_all()
    {
        using var response = await service.SendAsync(
            "PUT",
            "/api/v1/technologies/bad",
            new { website = "javascript:alert(1)", version = 3 }
        );

        var problem = await ProblemShape.ExpectAsync(response, 400, "invalid-request");
        Assert.Equal(
            ["$.category", "$.name", "$.version", "$.website"],
            problem.GetProperty("errors").EnumerateObject().Select(error => error.Name)
        );
    }

    [Fact]
    public async Task A_renamed_technology_is_renamed_in_the_guide_that_shows_it_with_a_new_tag()
    {
        const string Guide = "/api/v1/guides/what-is-backend-development";
        using var before = await service.Client.GetAsync(Guide, Token);
        using var put = await service.SendAsync("PUT", "/api/v1/technologies/ruby", new { name = "Ruby 4", category = "Languages" });

        using var after = await service.Client.GetAsync(Guide, Token);

        Assert.NotEqual(before.Headers.ETag, after.Headers.ETag);
        Assert.Contains("\"Ruby 4\"", await after.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task A_technology_names_the_published_guides_that_name_it()
    {
        var technology = await service.GetAsync("/api/v1/technologies/postgresql");

        var guide = Assert.Single(
            technology.GetProperty("guides").EnumerateArray(),
            link => link.GetProperty("slug").GetString() == "what-is-backend-development"
        );
        Assert.Equal("What is Backend Development?", guide.GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_write_and_its_event_are_one_transaction()
    {
        using var put = await service.SendAsync("PUT", "/api/v1/technologies/kafka", new { name = "Kafka", category = "Messaging" });
        await using var database = NpgsqlDataSource.Create(service.Database);
        await using var command = database.CreateCommand(
            """
            SELECT count(*) FROM technology t
            JOIN event_log e ON e.aggregate_id = t.id AND e.aggregate_version = t.version AND t.xmin = e.xmin
            JOIN feed f USING (seq)
            WHERE t.slug = 'kafka' AND e.event_type = 'backendguide.technology.published.v1' AND e.payload->>'slug' = 'kafka'
            """
        );

        Assert.Equal(1L, await command.ExecuteScalarAsync(Token));
    }
}
