using System.Reflection;
using System.Text.Json;
using BackendGuide.ContentService.Tests.Guides;
using BackendGuide.Eventing.Log;
using BackendGuide.Testing;
using DbUp;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Migrations;

/// <summary>
/// A database as the first releases left it, before there were revisions, withdrawals, facets and search: the service that starts on it brings it up to
/// date, and answers as if it had always been so.
/// </summary>
[Collection(nameof(RunningContentService))]
public sealed class OldDatabaseTests(RunningContentService service, OldDatabase old) : IClassFixture<OldDatabase>
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly GuideEditor _editor = new(service, old.Client);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("untouched", "", "Untouched", 2)]
    [InlineData("edited", "", "Edited, as published", 1)]
    [InlineData("untouched", "?locale=de", "Unberührt", 1)]
    public async Task Guide_ThatWasPublic_IsReadAsItWas(string slug, string query, string title, int version)
    {
        var guide = await _editor.ReadAsync(GuideEditor.Path(slug) + query);

        Assert.Equal((200, title, "published"), (guide.Status, guide.Text("title"), guide.Text("status")));
        Assert.Equal(version, guide.Body.GetProperty("version").GetInt32());
        Assert.Equal("2025-05-01T10:00:00Z", guide.Text("publishedAt"));
        Assert.Equal("2025-06-01T10:00:00Z", guide.Text("updatedAt"));
        Assert.Equal("part", guide.Body.GetProperty("sections")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task Draft_ThatWasNeverPublic_IsForEditorsAlone()
    {
        var path = GuideEditor.Path("draft");

        Assert.Equal(404, (await _editor.ReadAsync(path)).Status);
        var preview = await _editor.SendAsync("GET", $"{path}?preview=true");
        Assert.Equal(("draft", "0", "Draft"), (preview.Text("status"), preview.Text("version"), preview.Text("title")));
        Assert.StartsWith("\"r3-", preview.ETag);
    }

    [Theory]
    [InlineData("untouched", "", "4 True 2")]
    [InlineData("edited", "", "7 False , 6 True 1")]
    [InlineData("draft", "", "3 False ")]
    [InlineData("untouched", "?locale=de", "1 True 1")]
    public async Task Revisions_OfWhatIsLeft_SayWhatWasPublished(string slug, string query, string expected)
    {
        var list = await _editor.SendAsync("GET", $"{GuideEditor.Path(slug)}/revisions{query}");

        var revisions = list.Body.GetProperty("items").EnumerateArray();
        Assert.Equal(
            expected,
            string.Join(
                ", ",
                revisions.Select(it => $"{it.GetProperty("revision")} {it.GetProperty("published")} {it.GetProperty("version")}")
            )
        );
        Assert.All(list.Body.GetProperty("items").EnumerateArray(), it => Assert.Equal("", it.GetProperty("author").GetString()));
    }

    [Fact]
    public async Task Revisions_OfAnEditedGuide_AreComparedAndRestored()
    {
        var path = GuideEditor.Path("restored");
        var diff = await _editor.SendAsync("GET", $"{path}/revisions/6/diff?to=7");
        var restored = await _editor.SendAsync("POST", $"{path}/revisions/6/restore");
        var published = await _editor.SendAsync("POST", $"{path}/publish");
        var edited = await _editor.SendAsync("POST", $"{path}/revisions/7/restore");
        var again = await _editor.SendAsync("POST", $"{path}/publish", headers: ("If-Match", edited.ETag!));

        var operation = Assert.Single(diff.Body.GetProperty("operations").EnumerateArray());
        Assert.Equal(("replace", "/title"), (operation.GetProperty("op").GetString(), operation.GetProperty("path").GetString()));
        Assert.Equal((200, "1"), (published.Status, published.Text("version"))); // the public has it already
        Assert.StartsWith("\"r8-", restored.ETag);
        Assert.Equal(("2", "Changed later"), (again.Text("version"), again.Text("title")));
        Assert.Equal("published 1 en, published 2 en", await _editor.EventsAsync("guides/restored", old.Database));
    }

    [Fact]
    public async Task AsOf_AfterTheLastPublication_GivesWhatWasPublished()
    {
        Assert.Equal("Edited, as published", (await AsOfAsync("2025-06-01T10:00:00Z")).Text("title"));
        Assert.Equal("Edited, as published", (await AsOfAsync("2025-12-01T10:00:00Z")).Text("title"));
        Assert.Equal(404, (await AsOfAsync("2025-04-30T10:00:00Z")).Status);

        Task<SeenGuide> AsOfAsync(string time) => _editor.ReadAsync($"{GuideEditor.Path("edited")}?asOf={time}");
    }

    [Theory]
    [InlineData("", "edited,restored,retired,untouched")]
    [InlineData("?sort=title", "edited,restored,retired,untouched")]
    [InlineData("?tag=old", "untouched")]
    [InlineData("?technology=sql", "edited,untouched")]
    [InlineData("?career=keeper", "edited")]
    [InlineData("?technology=sql&tag=old", "untouched")]
    [InlineData("?tag=new", "")]
    [InlineData("?locale=de", "untouched")]
    public async Task Lists_ByEveryFacet_HaveWhatIsPublic(string query, string expected)
    {
        var list = await _editor.ReadAsync($"/api/v1/guides{query}");

        var slugs = list.Body.GetProperty("items").EnumerateArray().Select(it => it.GetProperty("slug").GetString());
        Assert.Equal(expected, string.Join(',', slugs.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Technology_OfTheOldDatabase_NamesItsGuidesAndGoesOnWithItsVersions()
    {
        var technology = await _editor.ReadAsync("/api/v1/technologies/sql");

        Assert.Equal("3", technology.Text("version"));
        Assert.Equal(
            ["edited", "untouched"],
            technology.Body.GetProperty("guides").EnumerateArray().Select(guide => guide.GetProperty("slug").GetString())
        );
        var guide = await _editor.ReadAsync(GuideEditor.Path("untouched"));
        Assert.Contains("\"resolved\":{\"sql\":{\"name\":\"SQL\"", guide.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("untouched", "", "untouched")]
    [InlineData("published", "", "edited")]
    [InlineData("since", "", "")]
    [InlineData("draft", "", "")]
    [InlineData("unberührt", "&locale=de", "untouched")]
    [InlineData("sql", "&kind=technology", "sql")]
    public async Task Search_OfTheOldDatabase_FindsWhatIsPublic(string words, string query, string expected)
    {
        await Eventually.EqualAsync(
            0L,
            () => _editor.ScalarAsync<long>("SELECT count(*) FROM search_pending", old.Database),
            s_deadline,
            "entries that were left for later",
            Token
        );

        var found = await _editor.ReadAsync($"/api/v1/search?q={Uri.EscapeDataString(words)}{query}");

        var slugs = found.Body.GetProperty("items").EnumerateArray().Select(it => it.GetProperty("slug").GetString());
        Assert.Equal(expected, string.Join(',', slugs.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Guide_OfTheOldDatabase_IsWithdrawnAndRevived()
    {
        var path = GuideEditor.Path("retired");

        Assert.Equal(204, (await _editor.SendAsync("DELETE", path)).Status);
        Assert.Equal(410, (await _editor.ReadAsync(path)).Status);
        Assert.Equal(200, (await _editor.SendAsync("POST", $"{path}/publish")).Status);
        Assert.Equal(
            ("3", "2025-05-01T10:00:00Z"),
            ((await _editor.ReadAsync(path)).Text("version"), (await _editor.ReadAsync(path)).Text("publishedAt"))
        );
        Assert.Equal("published 1 en, withdrawn 2 en, published 3 en", await _editor.EventsAsync("guides/retired", old.Database));
    }

    [Fact]
    public async Task Sitemap_OfTheOldDatabase_HasThePublicGuidesInEveryLocale()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/internal/sitemap");
        request.Headers.Authorization = new("Bearer", service.InternalToken);
        using var answer = await old.Client.SendAsync(request, Token);

        var entries = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(Token)).EnumerateArray();
        Assert.Equal(
            ["edited/en", "restored/en", "retired/en", "untouched/de", "untouched/en"],
            entries.Select(it => $"{it.GetProperty("slug")}/{it.GetProperty("locale")}")
        );
    }
}

/// <summary>An old database with guides and technologies in every state that there was, and the service that was started on it.</summary>
public sealed class OldDatabase(RunningContentService service) : IAsyncLifetime
{
    // As the first release wrote it: the rows, what the public guides refer to, and the events, which name their subjects.
    private const string FillSql = """
        CREATE FUNCTION pg_temp.body(title text, tags jsonb, blocks jsonb) RETURNS jsonb LANGUAGE sql AS $$
          SELECT jsonb_build_object('title', title, 'summary', '', 'tags', tags,
            'sections', jsonb_build_array(jsonb_build_object('id', 'part', 'heading', 'Part', 'blocks', blocks)))
        $$;
        INSERT INTO technology(id, slug, name, category, summary, website, version, updated_at)
        VALUES (gen_random_uuid(), 'sql', 'SQL', 'Databases', '', NULL, 3, '2025-06-01T10:00:00Z');
        INSERT INTO guide(id, slug, locale, working, revision, saved_at, published, version, published_at, updated_at)
        SELECT gen_random_uuid(), slug, locale, pg_temp.body(coalesce(edited, title), tags, blocks), revision, '2025-07-01T10:00:00Z',
          CASE WHEN version > 0 THEN pg_temp.body(title, tags, blocks) END, version,
          CASE WHEN version > 0 THEN timestamptz '2025-05-01T10:00:00Z' END, CASE WHEN version > 0 THEN timestamptz '2025-06-01T10:00:00Z' END
        FROM (VALUES
          ('untouched', 'en', 'Untouched', NULL, '["old"]'::jsonb, 4, 2,
            '[{"kind": "technologies", "categories": [{"name": "All", "technologies": ["sql"]}]}]'::jsonb),
          ('untouched', 'de', 'Unberührt', NULL, '["old"]', 1, 1, '[]'),
          ('edited', 'en', 'Edited, as published', 'Edited since', '[]', 7, 1,
            '[{"kind": "technologies", "categories": [{"name": "All", "technologies": ["sql"]}]}, {"kind": "career", "career": "keeper"}]'),
          ('restored', 'en', 'Changed, as it was', 'Changed later', '[]', 7, 1, '[]'),
          ('retired', 'en', 'Retired', NULL, '[]', 1, 1, '[]'),
          ('draft', 'en', 'Draft', NULL, '[]', 3, 0, '[{"kind": "markdown", "text": "A draft"}]')
        ) AS g(slug, locale, title, edited, tags, revision, version, blocks);
        INSERT INTO guide_reference(guide_id, kind, slug)
        SELECT id, 'technology', 'sql' FROM guide WHERE slug = 'edited' OR slug = 'untouched' AND locale = 'en'
        UNION ALL SELECT id, 'career', 'keeper' FROM guide WHERE slug = 'edited';
        INSERT INTO event_log(event_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, payload, headers, occurred_at)
        SELECT gen_random_uuid(), 'guide', id, v, 'backendguide.guide.published.v1', 1,
          jsonb_build_object('slug', slug, 'locale', locale, 'version', v, 'title', published->>'title', 'summary', '', 'tags', published->'tags',
            'publishedAt', '2025-05-01T10:00:00Z', 'updatedAt', '2025-06-01T10:00:00Z'),
          jsonb_build_object('subject', 'guides/' || slug || CASE WHEN locale = 'en' THEN '' ELSE '/' || locale END), updated_at
        FROM guide, generate_series(1, version) AS v ORDER BY slug, locale, v;
        INSERT INTO event_log(event_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, payload, headers, occurred_at)
        SELECT gen_random_uuid(), 'technology', id, v, 'backendguide.technology.published.v1', 1,
          jsonb_build_object('slug', slug, 'version', v, 'name', name, 'category', category, 'summary', '', 'website', NULL, 'updatedAt', updated_at),
          jsonb_build_object('subject', 'technologies/sql'), updated_at
        FROM technology, generate_series(1, version) AS v ORDER BY v;
        """;

    public HttpClient Client { get; private set; } = null!;

    public string Database { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var settings = await service.CreateSettingsAsync();
        Database = settings["ConnectionStrings:content-db"]!;
        Migrate(typeof(EventLog).Assembly, _ => true);
        Migrate(typeof(Program).Assembly, name => name.Contains(".0001-") || name.Contains(".0002-"));
        await using var database = NpgsqlDataSource.Create(Database);
        await using var fill = database.CreateCommand(FillSql);
        await fill.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Client = service.Start(settings);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask; // the service ends its instances

    private void Migrate(Assembly scripts, Predicate<string> isWanted)
    {
        var result = DeployChanges
            .To.PostgresqlDatabase(Database)
            .WithScriptsEmbeddedInAssembly(scripts, name => name.EndsWith(".sql", StringComparison.Ordinal) && isWanted(name))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .Build()
            .PerformUpgrade();
        Assert.True(result.Successful, $"{result.ErrorScript?.Name}: {result.Error}");
    }
}
