using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Validation;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.CareerService.LearningPaths;

/// <summary>Every step that a career's path ever had. None is ever forgotten: an id that comes back is the same step again.</summary>
internal sealed class KnownSteps(NpgsqlDataSource database)
{
    private const string NoteSql = """
        INSERT INTO career_step AS s(career_id, id, replaces)
        SELECT $1, step->>'id', ARRAY(SELECT jsonb_array_elements_text(step->'replaces')) FROM jsonb_array_elements($2) AS step
        ON CONFLICT (career_id, id) DO UPDATE SET replaces = excluded.replaces WHERE s.replaces <> excluded.replaces
        """;

    private const string UnknownSql = """
        SELECT asked.id FROM unnest($2) AS asked(id) WHERE NOT EXISTS (
          SELECT FROM career c JOIN career_step s ON s.career_id = c.id WHERE c.slug = $1 AND s.id = asked.id)
        """;

    /// <summary>Notes the steps of a path that is saved.</summary>
    public static async Task NoteAsync(
        NpgsqlTransaction transaction,
        Guid career,
        IReadOnlyList<LearningStep> path,
        CancellationToken cancellationToken
    )
    {
        await using var note = new NpgsqlCommand(NoteSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = career },
                new() { Value = JsonSerializer.Serialize(path, ApiJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb },
            },
        };
        await note.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Adds a fault for each id that a step replaces and that was never a step of the career's path. What was once stays so: the answer is
    /// still right when the path is saved.
    /// </summary>
    /// <param name="slug">The career, which need not be there yet.</param>
    /// <param name="path">The path that is to be saved.</param>
    /// <param name="place">Where the path is in the body.</param>
    /// <param name="faults">Where the faults go.</param>
    /// <param name="cancellationToken">The request's.</param>
    public async Task CheckAsync(
        string slug,
        IReadOnlyList<LearningStep> path,
        string place,
        Faults faults,
        CancellationToken cancellationToken
    )
    {
        // What is no id, or is a step of this path, was found to be a fault before.
        var present = path.Select(step => step.Id).ToHashSet(StringComparer.Ordinal);
        var replaced = path.SelectMany(step => step.Replaces).Where(id => Slug.IsValid(id) && !present.Contains(id)).Distinct().ToArray();
        if (replaced.Length == 0)
        {
            return;
        }
        var unknown = await FindUnknownAsync(slug, replaced, cancellationToken);
        foreach (var (index, step) in path.Index())
        {
            foreach (var (at, id) in step.Replaces.Index().Where(it => unknown.Contains(it.Item)))
            {
                faults.Add($"{place}[{index}].replaces[{at}]", $"'{id}' never was a step of this path: only a removed one can be replaced");
            }
        }
    }

    private async Task<HashSet<string>> FindUnknownAsync(string slug, string[] ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(UnknownSql);
        command.Parameters.Add(new() { Value = slug });
        command.Parameters.Add(new() { Value = ids });
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            unknown.Add(row.GetString(0));
        }
        return unknown;
    }
}
