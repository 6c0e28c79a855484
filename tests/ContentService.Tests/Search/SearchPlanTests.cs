using BackendGuide.ContentService.Search;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.ContentService.Tests.Search;

/// <summary>Some thousand guides, and how PostgreSQL goes about a search among them.</summary>
public sealed class ManyGuides(RunningContentService service) : IAsyncLifetime
{
    private const string FillSql = """
        INSERT INTO guide(id, slug, locale, working, revision, saved_at, published, version, published_at, updated_at)
        SELECT gen_random_uuid(), 'many-' || i, 'en', doc, 1, now(), doc, 1, now(), now() - i * interval '1 minute'
        FROM generate_series(1, 4000) i CROSS JOIN LATERAL (SELECT jsonb_build_object('title', CASE i WHEN 7 THEN 'Kubernetes' ELSE 'Number ' || i END, 'summary', '', 'tags', '["many"]'::jsonb,
          'sections', jsonb_build_array(jsonb_build_object('id', 'a', 'heading', 'A', 'blocks', jsonb_build_array(jsonb_build_object('kind', 'markdown',
            'text', 'everywhere ' || CASE WHEN i % 400 = 0 THEN 'seldom' ELSE 'often' END)))))) AS d(doc)
        """;

    public string Database { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var settings = await service.CreateSettingsAsync();
        Database = settings["ConnectionStrings:content-db"]!;
        using var client = service.Start(settings); // which makes the tables
        await using var database = NpgsqlDataSource.Create(Database);
        await using var fill = database.CreateCommand(FillSql + "; ANALYZE search_entry");
        fill.CommandTimeout = 300;
        await fill.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

[Collection(nameof(RunningContentService))]
public sealed class SearchPlanTests(ManyGuides guides) : IClassFixture<ManyGuides>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("everywhere", "search_entry_by_change")] // in all of them: from the newest on
    [InlineData("seldom", "search_entry_guide_words")] // in few: by the index of the words
    [InlineData("many", "search_entry_by_change")]
    [InlineData("kuberntes", "search_entry_title")] // in none: by what titles are like
    [InlineData("-often", "search_entry_by_change")]
    public async Task Search_AmongThousands_ReadsIndexesAlone(string words, string index)
    {
        var plan = await ExplainAsync(words);

        Assert.DoesNotContain("Seq Scan on search_entry", plan);
        var executed = plan.Split('\n').Where(line => line.Contains("search_entry") && !line.Contains("never executed")).ToList();
        Assert.Contains(executed, line => line.Contains(index) && !line.Contains("rows=0"));
    }

    private async Task<string> ExplainAsync(string words)
    {
        var typed = TypedWords.Of(words);
        await using var database = NpgsqlDataSource.Create(guides.Database);
        await using var connection = await database.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await using (var settings = new NpgsqlCommand(SearchSql.Settings, connection, transaction))
        {
            await settings.ExecuteNonQueryAsync(Token);
        }
        await using var explain = new NpgsqlCommand("EXPLAIN (ANALYZE, COSTS off) " + SearchSql.Search, connection, transaction)
        {
            Parameters =
            {
                new() { Value = "en" },
                new() { Value = new[] { "guide", "technology", "career" } },
                new() { Value = Separators.Replace(words) },
                new() { Value = typed.Wanted },
                new() { Value = typed.Excluded },
                new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double },
                new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint },
                new() { Value = 21 },
                new() { Value = SearchSql.Headline },
                new() { Value = typed.Swapped },
                new() { Value = typed.Misspelt is "" ? DBNull.Value : typed.Misspelt, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = typed.AreSeveral },
            },
        };
        List<string> lines = [];
        await using var line = await explain.ExecuteReaderAsync(Token);
        while (await line.ReadAsync(Token))
        {
            lines.Add(line.GetString(0));
        }
        return string.Join('\n', lines);
    }
}
