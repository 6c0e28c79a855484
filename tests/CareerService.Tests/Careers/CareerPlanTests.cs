using System.Text.Json;
using BackendGuide.CareerService.Careers;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.CareerService.Tests.Careers;

/// <summary>Thousands of careers, half of them withdrawn, one with thousands of versions, and how PostgreSQL goes about reading them.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class CareerPlanTests(CareerServiceFixture career)
{
    private const int Limit = 21;

    // The careers' times are hours apart: each has its last version by hour 5.
    private const string FillSql = """
        INSERT INTO career(id, slug, state, version, published_at, updated_at, withdrawn_at)
          SELECT gen_random_uuid(), 'many-' || n, s, 5, t, t + interval '5 hours', CASE n % 2 WHEN 0 THEN t + interval '5 hours' END
          FROM generate_series(1, 6000) n, (VALUES ('2026-01-01Z'::timestamptz, '{"title": "Many", "levels": [], "learningPath": []}'::jsonb)) v(t, s);
        INSERT INTO career_revision(career_id, version, author, saved_at, state)
          SELECT id, v, '', published_at + v * interval '1 hour', CASE WHEN v < 5 OR withdrawn_at IS NULL THEN state END
          FROM career CROSS JOIN generate_series(1, 5) v WHERE slug LIKE 'many-%';
        INSERT INTO career_revision(career_id, version, author, saved_at, state)
          SELECT id, v, '', published_at + interval '5 hours' + v * interval '1 second', state
          FROM career CROSS JOIN generate_series(6, 5000) v WHERE slug = 'many-77';
        ANALYZE;
        """;

    private static readonly DateTime s_then = new(2026, 1, 1, 3, 30, 0, DateTimeKind.Utc);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plan_OfEachReadOfManyCareers_IsAFewLooksIntoIndexesAlsoFarBehindAndLongAgo()
    {
        await using var database = await career.CreateFilledDatabaseAsync(FillSql, Token);

        foreach (var after in new[] { "", "many-55" })
        {
            await ExpectAsync(database, CareerList.Sql, "career_by_slug", after, Limit);
            await ExpectAsync(database, CareerList.AsOfSql, "career_revision_by_time", after, Limit, s_then);
        }
        await ExpectAsync(database, CareerHistory.AsOfSql, "career_revision_by_time", "many-77", s_then);
    }

    private static async Task ExpectAsync(NpgsqlDataSource database, string sql, string index, params object[] parameters)
    {
        await using var command = database.CreateCommand($"EXPLAIN (ANALYZE, FORMAT JSON) {sql}");
        foreach (var value in parameters)
        {
            command.Parameters.Add(new() { Value = value });
        }
        var plan = (string)(await command.ExecuteScalarAsync(Token))!;
        var nodes = PlanNodes.Of(JsonElement.Parse(plan)[0].GetProperty("Plan")).ToList();

        Assert.DoesNotContain(nodes, node => node.Text("Node Type") is "Seq Scan" or "Sort");
        Assert.Contains(nodes, node => node.TryGetProperty("Index Name", out var name) && name.GetString() == index);
        Assert.All(nodes, node => Assert.InRange(node.GetProperty("Actual Rows").GetDouble(), 0, Limit));
        // The seed, which was not there then.
        Assert.DoesNotContain(nodes, node => node.TryGetProperty("Rows Removed by Filter", out var rows) && rows.GetDouble() > 1);
    }
}
