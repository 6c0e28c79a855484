using System.Globalization;
using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.ContentService.Tests.Guides;

[Collection(nameof(RunningContentService))]
public sealed class GuideListTests(RunningContentService service)
{
    private const int Many = 30_000;

    private readonly GuideEditor _editor = new(service);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("title", "sorted-c", "sorted-b", "sorted-d", "sorted-a")]
    [InlineData("-publishedAt", "sorted-d", "sorted-c", "sorted-b", "sorted-a")]
    [InlineData("-updatedAt", "sorted-a", "sorted-d", "sorted-c", "sorted-b")]
    public async Task List_InAnOrder_HasEachOnceInThatOrder(string sort, params string[] expected)
    {
        await _editor.PublishAsync("sorted-a", "Zulu", "", "sorted", sort);
        await _editor.PublishAsync("sorted-b", "Émile", "", "sorted", sort);
        await _editor.PublishAsync("sorted-c", "alpha", "", "sorted", sort);
        await _editor.PublishAsync("sorted-d", "Émile", "", "sorted", sort);
        await _editor.PublishAsync("sorted-a", "Zulu!", "", "sorted", sort);

        List<string> seen = [];
        for (string? after = ""; after is not null; )
        {
            var page = await _editor.ReadAsync($"/api/v1/guides?limit=1&tag=sorted&sort={sort}{after}");
            seen.AddRange(page.Body.GetProperty("items").EnumerateArray().Select(it => it.GetProperty("slug").GetString()!));
            after = page.Body.GetProperty("next").GetString() is { } next ? $"&after={next}" : null;
        }

        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task List_WithSeveralFilters_HasWhatMeetsThemAll()
    {
        await _editor.SendAsync("PUT", "/api/v1/technologies/filtered", new { name = "F", category = "C" });
        var named = new[] { Caching.Blocks.Technologies("filtered"), Caching.Blocks.LearningPath("filtered-career") };
        foreach (var (slug, tags, blocks) in new[] { ("f-all", "x", 2), ("f-technology", "x", 1), ("f-tag", "x", 0), ("f-other", "y", 2) })
        {
            var body = new
            {
                title = slug,
                tags = new[] { "filtered-" + tags },
                sections = new[] { new { heading = "H", blocks = named[..blocks] } },
            };
            await _editor.SendAsync("PUT", GuideEditor.Path(slug), body);
            await _editor.SendAsync("POST", GuideEditor.Path(slug) + "/publish");
        }

        Assert.Equal(["f-all", "f-tag", "f-technology"], await SlugsAsync("tag=filtered-x"));
        Assert.Equal(["f-all", "f-technology"], await SlugsAsync("tag=filtered-x&technology=filtered"));
        Assert.Equal(["f-all", "f-other"], await SlugsAsync("career=filtered-career"));
        Assert.Equal(["f-all"], await SlugsAsync("career=filtered-career&technology=filtered&tag=filtered-x"));
        Assert.Empty(await SlugsAsync("tag=filtered-x&locale=de"));

        async Task<IEnumerable<string?>> SlugsAsync(string query) =>
            (await _editor.ReadAsync($"/api/v1/guides?sort=title&{query}"))
                .Body.GetProperty("items")
                .EnumerateArray()
                .Select(it => it.GetProperty("slug").GetString());
    }

    [Theory]
    [InlineData("sort=title")]
    [InlineData("sort=-updatedAt")]
    [InlineData("locale=de")]
    [InlineData("tag=another")]
    [InlineData("technology=another")]
    [InlineData("career=another")]
    public async Task Cursor_OfOtherParameters_Is400(string other)
    {
        await _editor.PublishAsync("cursor-one", "One");
        await _editor.PublishAsync("cursor-two", "Two");
        var first = await _editor.ReadAsync("/api/v1/guides?limit=1");

        var page = await _editor.ReadAsync($"/api/v1/guides?{other}&after={first.Text("next")}");

        Assert.Equal(400, page.Status);
        Assert.Equal(["after"], page.Body.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task Cursor_ThatWasNotGivenOut_Is400()
    {
        await _editor.PublishAsync("made-up-one", "One");
        await _editor.PublishAsync("made-up-two", "Two");
        var given = (await _editor.ReadAsync("/api/v1/guides?limit=1")).Text("next")!;

        // Another letter at each place, also where it says the same bytes; one more; padding; and spaces.
        for (var place = 0; place < given.Length; place++)
        {
            var other = given[place] == 'A' ? 'B' : (char)(given[place] + (given[place] is 'Z' or 'z' or '9' or '-' or '_' ? -1 : 1));
            Assert.Equal(400, await StatusAsync($"{given[..place]}{other}{given[(place + 1)..]}"));
        }
        foreach (var other in new[] { given + "A", given + "=", given + "==", given + "%20", given[..^1], "WyIxIiwiYSJd", "A" })
        {
            Assert.Equal(400, await StatusAsync(other));
        }
        Assert.Equal(200, await StatusAsync(given));

        async Task<int> StatusAsync(string cursor) => (await _editor.ReadAsync($"/api/v1/guides?limit=1&after={cursor}")).Status;
    }

    [Theory]
    [InlineData("sort=slug", "sort")]
    [InlineData("tag=", "tag")]
    [InlineData("tag=%00", "tag")]
    [InlineData("technology=Not%20A%20Slug", "technology")]
    [InlineData("career=-", "career")]
    public async Task Parameter_AtFault_Is400ThatNamesIt(string query, string name)
    {
        var list = await _editor.ReadAsync($"/api/v1/guides?{query}");

        Assert.Equal(400, list.Status);
        Assert.Equal([name], list.Body.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task Plan_OfEachOrderAndFilterOfManyGuides_IsOneRangeOfAnIndexAlsoFarBehind()
    {
        var settings = await service.CreateSettingsAsync();
        service.Start(settings);
        await using var database = NpgsqlDataSource.Create(settings["ConnectionStrings:content-db"]!);
        await FillAsync(database);
        (string, string)[] filters =
        [
            (GuideFacets.All, ""),
            (GuideFacets.Tag, "tag-1"),
            (Reference.Technology, "technology-1"),
            (Reference.Career, "career-1"),
        ];
        foreach (var sort in GuideSort.All)
        {
            foreach (var filter in filters)
            {
                var query = new GuideListQuery("en", sort, [filter]);
                var middle = await MiddleAsync(database, query);
                foreach (var after in new[] { null, middle })
                {
                    var plan = await PlanAsync(database, query, after);
                    var nodes = PlanNodes.Of(plan).ToList();
                    Assert.DoesNotContain(nodes, node => node.GetProperty("Node Type").GetString() == "Seq Scan");
                    Assert.DoesNotContain(
                        nodes,
                        node => node.TryGetProperty("Rows Removed by Filter", out var rows) && rows.GetDouble() > 0
                    );
                    Assert.All(nodes, node => Assert.InRange(node.GetProperty("Actual Rows").GetDouble(), 0, 21));
                }
            }
        }
    }

    [Fact]
    public async Task Plan_OfSeveralFiltersOfManyGuides_LooksAtNoMoreThanTheRarestHas()
    {
        const int Rare = 3;
        var settings = await service.CreateSettingsAsync();
        service.Start(settings);
        await using var database = NpgsqlDataSource.Create(settings["ConnectionStrings:content-db"]!);
        await FillAsync(database);
        await using var mark = database.CreateCommand(
            $"""
            INSERT INTO guide_facet SELECT guide_id, 'tag', 'rare', locale, slug, title, newest_published, newest_updated
            FROM guide_facet WHERE kind = 'all' ORDER BY md5(slug) LIMIT {Rare}
            """
        );
        await mark.ExecuteNonQueryAsync(Token);
        (string, string)[] all = [(Reference.Career, "career-1"), (Reference.Technology, "technology-1"), (GuideFacets.Tag, "rare")];
        foreach (var sort in GuideSort.All)
        {
            foreach (
                var filters in new[] { all, [all[2], all[0]], [all[0], all[2]], [(Reference.Career, "nothing"), all[1]], [all[0], all[1]] }
            )
            {
                var plan = await PlanAsync(database, new GuideListQuery("en", sort, filters), null);
                var looks = PlanNodes
                    .Of(plan)
                    .Where(node => node.TryGetProperty("Relation Name", out var name) && name.GetString() == "guide_facet")
                    .ToList();
                var expected =
                    filters.Contains(all[2]) ? Rare
                    : filters[0].Item2 == "nothing" ? 0
                    : 21;
                Assert.Equal(expected, plan.GetProperty("Actual Rows").GetDouble());
                Assert.Equal(filters.Length, looks.Count);
                Assert.All(looks, look => Assert.StartsWith("Index", look.GetProperty("Node Type").GetString(), StringComparison.Ordinal));
                Assert.All(looks, look => Assert.InRange(look.GetProperty("Actual Loops").GetDouble(), 0, (2 * expected) + 2));
                Assert.All(looks, look => Assert.InRange(look.GetProperty("Actual Rows").GetDouble(), 0, 1));
                Assert.DoesNotContain(looks, look => look.TryGetProperty("Rows Removed by Filter", out var rows) && rows.GetDouble() > 0);
                Assert.DoesNotContain(PlanNodes.Of(plan), node => node.GetProperty("Node Type").GetString() == "Seq Scan");
            }
        }
    }

    [Fact]
    public async Task Pages_OfSeveralFilters_HaveEachGuideThatMeetsThemAllOnceAndInOrder()
    {
        var settings = await service.CreateSettingsAsync();
        service.Start(settings);
        await using var database = NpgsqlDataSource.Create(settings["ConnectionStrings:content-db"]!);
        await FillAsync(database, 1_000);
        await using var thin = database.CreateCommand(
            "DELETE FROM guide_facet WHERE kind <> 'all' AND get_byte(decode(md5(slug || kind), 'hex'), 0) < CASE kind WHEN 'tag' THEN 200 ELSE 90 END"
        );
        await thin.ExecuteNonQueryAsync(Token);
        (string, string)[] all = [(Reference.Career, "career-1"), (Reference.Technology, "technology-1"), (GuideFacets.Tag, "tag-1")];
        foreach (var sort in GuideSort.All)
        {
            foreach (var filters in new[] { all, all[..2], all[1..], [all[0], all[2]] })
            {
                var query = new GuideListQuery("en", sort, filters);
                var expected = await MeetingAsync(database, query);
                List<string> seen = [];
                for (string[]? after = []; after is not null; )
                {
                    var page = await PageAsync(database, query, after.Length == 0 ? null : after);
                    seen.AddRange(page.Take(7).Select(item => item.Slug));
                    after = page.Count > 7 ? [page[6].Key, page[6].Slug] : null;
                }
                Assert.NotEmpty(expected);
                Assert.Equal(expected, seen);
            }
        }
    }

    private static async Task<List<string>> MeetingAsync(NpgsqlDataSource database, GuideListQuery query)
    {
        var named = string.Join(" OR ", query.Filters.Select(it => $"kind = '{it.Kind}' AND value = '{it.Value}'"));
        var column = GuideSort.ColumnOf(query.Sort);
        await using var command = database.CreateCommand(
            $"SELECT slug FROM guide_facet WHERE {named} GROUP BY {column}, slug HAVING count(*) = {query.Filters.Count} ORDER BY {column}, slug"
        );
        List<string> slugs = [];
        await using var row = await command.ExecuteReaderAsync(Token);
        while (await row.ReadAsync(Token))
        {
            slugs.Add(row.GetString(0));
        }
        return slugs;
    }

    private static async Task<List<(string Key, string Slug)>> PageAsync(NpgsqlDataSource database, GuideListQuery query, string[]? after)
    {
        await using var connection = await database.OpenConnectionAsync(Token);
        await using var command = GuideList.Command(query, new PageRequest(query.Name, after, 7));
        command.Connection = connection;
        List<(string, string)> items = [];
        await using var row = await command.ExecuteReaderAsync(Token);
        while (await row.ReadAsync(Token))
        {
            items.Add((Convert.ToString(row.GetValue(6), CultureInfo.InvariantCulture)!, row.GetString(0)));
        }
        return items;
    }

    private static async Task FillAsync(NpgsqlDataSource database, int guides = Many)
    {
        await using var fill = database.CreateCommand(
            $"""
            INSERT INTO guide(id, slug, working, revision, saved_at, published, version, published_at, updated_at)
              SELECT gen_random_uuid(), 'many-' || n, b, 1, now(), b, 1, now() - n * interval '1 second', now() - (n / 100) * interval '1 second'
              FROM generate_series(1, {guides}) n,
                LATERAL jsonb_build_object('title', 'Title ' || n % 1000, 'summary', '', 'tags', '[]'::jsonb, 'sections', '[]'::jsonb) b;
            INSERT INTO guide_facet(guide_id, kind, value, locale, slug, title, newest_published, newest_updated)
              SELECT id, kind, value, locale, slug, published->>'title', -extract(epoch FROM published_at)::bigint, -extract(epoch FROM updated_at)::bigint
              FROM guide, LATERAL (VALUES ('all', ''), ('tag', 'tag-' || version % 2), ('technology', 'technology-1'), ('career', 'career-1')) f(kind, value)
              WHERE slug LIKE 'many-%';
            ANALYZE;
            """
        );
        fill.CommandTimeout = 120;
        await fill.ExecuteNonQueryAsync(Token);
    }

    private static async Task<string[]> MiddleAsync(NpgsqlDataSource database, GuideListQuery query)
    {
        var column = GuideSort.ColumnOf(query.Sort);
        await using var command = database.CreateCommand(
            $"SELECT {column}::text, slug FROM guide_facet WHERE kind = $1 AND value = $2 AND locale = 'en' ORDER BY {column}, slug OFFSET {Many / 2} LIMIT 1"
        );
        command.Parameters.Add(new() { Value = query.Filters[0].Kind });
        command.Parameters.Add(new() { Value = query.Filters[0].Value });
        await using var row = await command.ExecuteReaderAsync(Token);
        Assert.True(await row.ReadAsync(Token));
        return [row.GetString(0), row.GetString(1)];
    }

    private static async Task<JsonElement> PlanAsync(NpgsqlDataSource database, GuideListQuery query, string[]? after)
    {
        await using var connection = await database.OpenConnectionAsync(Token);
        await using var command = GuideList.Command(query, new PageRequest(query.Name, after, 20));
        command.Connection = connection;
        command.CommandText = $"EXPLAIN (ANALYZE, FORMAT JSON) {command.CommandText}";
        var plan = JsonSerializer.Deserialize<JsonElement>((string)(await command.ExecuteScalarAsync(Token))!);
        return plan[0].GetProperty("Plan");
    }
}
