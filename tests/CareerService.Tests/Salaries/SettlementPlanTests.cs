using System.Text.Json;
using BackendGuide.CareerService.Salaries.Settling;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>A career with as many groups as one may have, all to be told, and how PostgreSQL goes about taking some of them.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class SettlementPlanTests(CareerServiceFixture career)
{
    private const int Taken = 500;

    // What PostgreSQL knows is from a time when each career had one group.
    private const string FillSql = """
        ALTER TABLE salary_unsettled SET (autovacuum_enabled = false);
        INSERT INTO salary_unsettled(salaries_id, group_id, since) SELECT -n, -n, now() FROM generate_series(1, 400) n;
        ANALYZE salary_unsettled;
        DELETE FROM salary_unsettled;
        INSERT INTO career(id, slug, state, version, published_at, updated_at)
          VALUES (gen_random_uuid(), 'many', '{"title": "Many", "levels": [], "learningPath": []}', 1, now(), now());
        INSERT INTO career_salaries(career_id) SELECT id FROM career WHERE slug = 'many';
        INSERT INTO salary_group(salaries_id, level, region, currency, year)
          SELECT s.id, 'mid', 'region ' || n, 'EUR', 2026 FROM career_salaries s JOIN career c ON c.id = s.career_id, generate_series(1, 20000) n
          WHERE c.slug = 'many';
        INSERT INTO salary_unsettled(salaries_id, group_id, since) SELECT salaries_id, id, now() FROM salary_group;
        """;

    private const string ExplainSql = $"EXPLAIN (ANALYZE, FORMAT JSON) {Settlement.TakeSql}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Groups_OfWhichThereAreManyMoreThanPostgreSqlKnows_AreNotComparedEachWithAll()
    {
        await using var database = await career.CreateFilledDatabaseAsync(FillSql, Token);
        await using var explain = database.CreateCommand(ExplainSql);
        explain.Parameters.Add(new() { Value = await IdAsync(database) });
        explain.Parameters.Add(new() { Value = Taken });

        var plan = JsonElement.Parse((string)(await explain.ExecuteScalarAsync(Token))!)[0].GetProperty("Plan");

        Assert.Equal(Taken, plan.GetProperty("Actual Rows").GetDouble());
        Assert.All(PlanNodes.Of(plan), node => Assert.InRange(node.GetProperty("Actual Loops").GetDouble(), 0, Taken));
    }

    private static async Task<int> IdAsync(NpgsqlDataSource database)
    {
        await using var ask = database.CreateCommand(
            "SELECT s.id FROM career_salaries s JOIN career c ON c.id = s.career_id WHERE c.slug = 'many'"
        );
        return (int)(await ask.ExecuteScalarAsync(Token))!;
    }
}
