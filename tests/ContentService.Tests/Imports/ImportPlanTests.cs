using BackendGuide.ContentService.Exports;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Imports;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.ContentService.Tests.Imports;

/// <summary>
/// What is done with many guides finds them by their indexes, also where it was planned while there were few; and their bodies are kept as they are kept fastest.
/// </summary>
[Collection(nameof(RunningContentService))]
public sealed class ImportPlanTests(RunningContentService service)
{
    private const string ManySql = """
        SET backendguide.search_later = on;
        INSERT INTO guide(id, slug, locale, working, revision, saved_at, published, version, published_at, updated_at)
        SELECT gen_random_uuid(), 'plan-' || n, 'en', body, 1, now(), body, 1, now(), now()
        FROM generate_series(1, 20000) AS n,
          jsonb_build_object('title', 'A title', 'summary', repeat('a summary ', 100), 'tags', '[]'::jsonb, 'sections', '[]'::jsonb) AS body;
        ANALYZE guide
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Statements_OfImportsAndExports_AreOfIndexes(bool isFull)
    {
        await using var connection = await ConnectAsync();
        if (isFull)
        {
            await ExecuteAsync(connection, ManySql);
        }
        await ExecuteAsync(connection, "SET enable_seqscan = off"); // as an import does

        var lockPlan = await ExplainAsync(connection, ImportTransaction.LockSql, Texts("plan-1", "plan-2"), Texts("en", "en"));
        var changePlan = await ExplainAsync(
            connection,
            ImportTransaction.ChangeSql,
            new() { Value = new[] { Guid.NewGuid(), Guid.NewGuid() } },
            new() { Value = new[] { "{}", "{}" }, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
            new() { Value = new[] { true, true } },
            new() { Value = DateTime.UnixEpoch },
            new() { Value = "" }
        );
        await ExecuteAsync(connection, "RESET enable_seqscan; SET enable_sort = off"); // as an export does
        var exportPlan = await ExplainAsync(
            connection,
            GuideExport.ReadSql,
            new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }
        );

        Assert.Contains("Index Scan using guide_slug_locale_key", lockPlan, StringComparison.Ordinal);
        Assert.Contains("Index Scan using guide_pkey", changePlan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", lockPlan + changePlan + exportPlan, StringComparison.Ordinal);
        Assert.Contains("Presorted Key: slug", exportPlan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LookForWhatIsDue_OncePrepared_IsOfAnIndex()
    {
        await using var connection = await ConnectAsync();
        await ExecuteAsync(connection, ManySql);
        await ExecuteAsync(connection, $"PREPARE due(timestamptz, uuid[]) AS {ScheduledPublishing.AnySql}");
        await ExecuteAsync(connection, "SET plan_cache_mode = force_generic_plan");

        var plan = await ExplainAsync(connection, "EXECUTE due(now(), '{}')");

        Assert.Contains("Index Scan using guide_by_schedule", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_AreCompressedByLz4()
    {
        await using var connection = await ConnectAsync();
        await ExecuteAsync(connection, ManySql);
        await ExecuteAsync(
            connection,
            "UPDATE guide SET working = working || jsonb_build_object('note', repeat('a note ', 1000)) WHERE slug = 'plan-1'"
        );
        await using var ask = new NpgsqlCommand("SELECT pg_column_compression(working) FROM guide WHERE slug = 'plan-1'", connection);

        Assert.Equal("lz4", await ask.ExecuteScalarAsync(Token));
    }

    // To the database of an instance that has made its tables.
    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var settings = await service.CreateSettingsAsync();
        using var client = service.Start(settings);
        using var started = await client.GetAsync("/alive", Token);
        var connection = new NpgsqlConnection(settings["ConnectionStrings:content-db"]);
        await connection.OpenAsync(Token);
        return connection;
    }

    private static NpgsqlParameter Texts(params string[] texts) => new() { Value = texts };

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<string> ExplainAsync(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        await using var explain = new NpgsqlCommand($"EXPLAIN {sql}", connection);
        explain.Parameters.AddRange(parameters);
        List<string> plan = [];
        await using var line = await explain.ExecuteReaderAsync(Token);
        while (await line.ReadAsync(Token))
        {
            plan.Add(line.GetString(0));
        }
        return string.Join('\n', plan);
    }
}
