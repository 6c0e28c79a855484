using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.ContentService.Sitemap;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Sitemap;

[Collection(nameof(RunningContentService))]
public sealed class SitemapTests(RunningContentService service)
{
    private const string Path = "/internal/sitemap";

    private const string FillSql = """
        INSERT INTO guide(id, slug, locale, working, revision, saved_at, published, version, published_at, updated_at)
        SELECT gen_random_uuid(), 'sitemap-' || n, CASE WHEN n % 2 = 0 THEN 'en' ELSE 'pt-BR' END, body, 1, now(), CASE WHEN n > 2 THEN body END,
          1, now(), '2026-03-01T12:00:00.5Z'
        FROM generate_series(1, 9) AS n, jsonb_build_object('title', 'A title', 'summary', '', 'tags', '[]'::jsonb, 'sections', '[]'::jsonb) AS body
        """;

    // As large as guides are, so that the table takes many times what the index does.
    private const string ManySql = """
        INSERT INTO guide(id, slug, locale, working, revision, saved_at, published, version, published_at, updated_at)
        SELECT gen_random_uuid(), 'sitemap-' || n, 'en', body, 1, now(), body, 1, now(), now()
        FROM generate_series(1, 20000) AS n,
          jsonb_build_object('title', 'A title', 'summary', repeat('a summary ', 100), 'tags', '[]'::jsonb, 'sections', '[]'::jsonb) AS body
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sitemap_OfManyGuides_GivesThePublicOnesByKeysetAndWhereTheirPartsBegin()
    {
        var settings = await service.CreateSettingsAsync();
        using var client = service.Start(settings);
        await using var database = NpgsqlDataSource.Create(settings["ConnectionStrings:content-db"]!);
        await using var fill = database.CreateCommand(FillSql);
        await fill.ExecuteNonQueryAsync(Token);

        var all = await ReadAsync(client, Path);
        var some = await ReadAsync(client, $"{Path}?from=sitemap-4/en&until=sitemap-8/en&limit=3");
        var parts = await ReadAsync(client, $"{Path}/parts?size=3&most=7");
        var none = await ReadAsync(client, $"{Path}/parts?size=3&most=8");

        Assert.Equal(
            ["sitemap-3/pt-BR", "sitemap-4/en", "sitemap-5/pt-BR", "sitemap-6/en", "sitemap-7/pt-BR", "sitemap-8/en", "sitemap-9/pt-BR"],
            all.EnumerateArray().Select(KeyOf).Where(key => key.StartsWith("sitemap", StringComparison.Ordinal))
        );
        Assert.Equal("what-is-backend-development/en", KeyOf(all[7])); // the one that comes with the service
        Assert.Equal("2026-03-01T12:00:00.5Z", all[0].GetProperty("updatedAt").GetString());
        Assert.Equal(["sitemap-4/en", "sitemap-5/pt-BR", "sitemap-6/en"], some.EnumerateArray().Select(KeyOf));
        Assert.Equal(["sitemap-6/en", "sitemap-9/pt-BR"], parts.EnumerateArray().Select(part => part.GetString()));
        Assert.Equal(0, none.GetArrayLength());
    }

    [Fact]
    public async Task Sitemap_OfManyGuides_IsReadFromItsIndexWithoutASort()
    {
        var settings = await service.CreateSettingsAsync();
        using var client = service.Start(settings);
        using var started = await client.GetAsync("/alive", Token);
        await using var database = NpgsqlDataSource.Create(settings["ConnectionStrings:content-db"]!);
        await using var connection = await database.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        foreach (var sql in (string[])["SET LOCAL backendguide.search_later = on", ManySql, "ANALYZE guide", SitemapReader.InOrderSql])
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(Token);
        }

        var entries = await ExplainAsync(transaction, SitemapReader.EntriesSql, "sitemap-5", "en", "~", "", 50_001L);
        var parts = await ExplainAsync(transaction, SitemapReader.PartsSql, 4_000L, 5_000L);

        foreach (var plan in (string[])[entries, parts])
        {
            Assert.Contains("Index", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("?from=no-locale", "from")]
    [InlineData("?until=Not A Slug/en", "until")]
    [InlineData("?limit=50002", "limit")]
    [InlineData("?other=1", "other")]
    [InlineData("/parts?size=1", "size")]
    public async Task Sitemap_AskedForWrongly_Is400(string query, string parameter)
    {
        using var request = Request(Path + query);
        using var answer = await service.Client.SendAsync(request, Token);

        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");

        Assert.True(problem.GetProperty("errors").TryGetProperty(parameter, out _));
    }

    [Theory]
    [InlineData(Path)]
    [InlineData(Path + "/parts")]
    public async Task Sitemap_AskedForWithAPublicToken_Is403(string path)
    {
        using var answer = await service.SendAsync("GET", path, scope: "content:write");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private async Task<JsonElement> ReadAsync(HttpClient client, string path)
    {
        using var request = Request(path);
        using var answer = await client.SendAsync(request, Token);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private static async Task<string> ExplainAsync(NpgsqlTransaction transaction, string sql, params object[] values)
    {
        await using var explain = new NpgsqlCommand($"EXPLAIN {sql}", transaction.Connection, transaction);
        foreach (var value in values)
        {
            explain.Parameters.Add(new() { Value = value });
        }
        List<string> plan = [];
        await using var line = await explain.ExecuteReaderAsync(Token);
        while (await line.ReadAsync(Token))
        {
            plan.Add(line.GetString(0));
        }
        return string.Join('\n', plan);
    }

    private HttpRequestMessage Request(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", service.InternalToken);
        return request;
    }

    private static string KeyOf(JsonElement entry) => $"{entry.GetProperty("slug")}/{entry.GetProperty("locale")}";
}
