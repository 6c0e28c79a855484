using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.CareerService.Tests;

/// <summary>What becomes of careers that were there before their versions were kept.</summary>
public sealed class MigrationTests(ServersFixture servers)
{
    private const string Careers = """
        INSERT INTO career(id, slug, state, version, published_at, updated_at) VALUES
          ('00000000-0000-0000-0000-000000000001', 'one', '{"title": "One", "learningPath": []}', 1, '2026-01-01Z', '2026-01-01Z'),
          ('00000000-0000-0000-0000-000000000002', 'two', '{"title": "Two", "learningPath": [
             {"id": "sql", "replaces": ["databases", "tables"]}, {"id": "queries", "replaces": ["tables"]}]}', 3, '2026-01-01Z', '2026-01-05Z')
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Careers_OfBeforeTheirHistory_HaveTheirVersionAndKeepTheIdsThatTheirStepsReplace()
    {
        await using var database = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync(Token));
        await RunAsync(database, await ScriptAsync("0001-career.sql"));
        await RunAsync(database, await ScriptAsync("0002-copied-positions.sql"));
        await RunAsync(database, Careers);

        await RunAsync(database, await ScriptAsync("0003-career-revisions.sql"));

        Assert.Equal(
            "one 1 '' 2026-01-01 One, two 3 '' 2026-01-05 Two",
            await ReadAsync(
                database,
                """
                SELECT string_agg(format('%s %s ''%s'' %s %s', c.slug, r.version, r.author, (r.saved_at AT TIME ZONE 'UTC')::date, r.state->>'title'), ', ' ORDER BY c.slug)
                FROM career_revision r JOIN career c ON c.id = r.career_id
                """
            )
        );
        Assert.Equal(
            "two databases {}, two queries {tables}, two sql {databases,tables}, two tables {}",
            await ReadAsync(
                database,
                """
                SELECT string_agg(format('%s %s %s', c.slug, s.id, s.replaces), ', ' ORDER BY c.slug, s.id)
                FROM career_step s JOIN career c ON c.id = s.career_id
                """
            )
        );
    }

    private static async Task<string> ScriptAsync(string name)
    {
        var assembly = typeof(CareerTags).Assembly;
        var resource = assembly.GetManifestResourceNames().Single(it => it.EndsWith(name, StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return await reader.ReadToEndAsync(Token);
    }

    private static async Task RunAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<string?> ReadAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync(Token);
    }
}
