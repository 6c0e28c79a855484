using System.Data;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults;
using Npgsql;

namespace BackendGuide.CareerService.LearningPaths;

/// <summary>What a translation is made of.</summary>
/// <param name="IsWithdrawn">True where there is no path today.</param>
/// <param name="Version">Today's version.</param>
/// <param name="Today">Its path.</param>
/// <param name="From">The ids of the steps of the version that is asked for; null where there is no such version, or it is a withdrawal.</param>
/// <param name="Replacements">By each id that a step ever replaced, the steps that do, as they last stood.</param>
internal sealed record PathRecord(
    bool IsWithdrawn,
    long Version,
    IReadOnlyList<LearningStep> Today,
    IReadOnlySet<string>? From,
    ILookup<string, string> Replacements
);

/// <summary>Reads what learning paths were and have become. It is asked for a learner at a time, and nothing of it is kept in a cache.</summary>
internal sealed class PathRecords(NpgsqlDataSource database)
{
    private const string TodaySql = "SELECT withdrawn_at IS NOT NULL, version, state->'learningPath' FROM career WHERE slug = $1";

    private const string FromSql = """
        SELECT step->>'id' FROM career c JOIN career_revision r ON r.career_id = c.id
        LEFT JOIN LATERAL jsonb_array_elements(r.state->'learningPath') AS step ON true
        WHERE c.slug = $1 AND r.version = $2 AND r.state IS NOT NULL
        """;

    private const string ReplacementsSql = """
        SELECT replaced, s.id FROM career c JOIN career_step s ON s.career_id = c.id CROSS JOIN LATERAL unnest(s.replaces) AS replaced
        WHERE c.slug = $1
        """;

    /// <summary>What is known of a career's path; null where there is no such career.</summary>
    public async Task<PathRecord?> ReadAsync(string slug, long from, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var batch = new NpgsqlBatch(connection, snapshot)
        {
            BatchCommands =
            {
                new(TodaySql) { Parameters = { new() { Value = slug } } },
                new(FromSql)
                {
                    Parameters =
                    {
                        new() { Value = slug },
                        new() { Value = from },
                    },
                },
                new(ReplacementsSql) { Parameters = { new() { Value = slug } } },
            },
        };
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }
        var (isWithdrawn, version) = (row.GetBoolean(0), row.GetInt64(1));
        var today = JsonSerializer.Deserialize<List<LearningStep>>(row.GetString(2), ApiJson.Options)!;
        await row.NextResultAsync(cancellationToken);
        var ids = await ReadIdsAsync(row, cancellationToken);
        await row.NextResultAsync(cancellationToken);
        List<(string Replaced, string By)> replacements = [];
        while (await row.ReadAsync(cancellationToken))
        {
            replacements.Add((row.GetString(0), row.GetString(1)));
        }
        return new PathRecord(isWithdrawn, version, today, ids, replacements.ToLookup(it => it.Replaced, it => it.By));
    }

    // A version without steps is one row that names none.
    private static async Task<IReadOnlySet<string>?> ReadIdsAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        HashSet<string>? ids = null;
        while (await row.ReadAsync(cancellationToken))
        {
            ids ??= new HashSet<string>(StringComparer.Ordinal);
            if (!row.IsDBNull(0))
            {
                ids.Add(row.GetString(0));
            }
        }
        return ids;
    }
}
