using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>
/// The numbers of a career's groups and sources; new ones are made, up to as many as a career may have. An answer lists every group, and every source
/// of each: without a bound a file with another text in each row would make an answer as large as itself. What was there once counts, for what was said
/// before stays readable.
/// </summary>
internal static class ObservationCatalog
{
    public const int MostGroups = 20_000;
    public const int MostSources = 10_000;

    private const string GroupsSql = """
        SELECT w.n, g.id FROM unnest($2::text[], $3::text[], $4::text[], $5::int[]) WITH ORDINALITY AS w(level, region, currency, year, n)
        JOIN salary_group g ON g.salaries_id = $1 AND g.level = w.level AND g.region = w.region AND g.currency = w.currency AND g.year = w.year
        """;

    private const string AddGroupsSql = """
        INSERT INTO salary_group(salaries_id, level, region, currency, year)
        SELECT $1, w.level, w.region, w.currency, w.year
        FROM unnest($2::text[], $3::text[], $4::text[], $5::int[]) WITH ORDINALITY AS w(level, region, currency, year, n)
        WHERE NOT EXISTS (
          SELECT FROM salary_group g
          WHERE g.salaries_id = $1 AND g.level = w.level AND g.region = w.region AND g.currency = w.currency AND g.year = w.year)
        ORDER BY w.n LIMIT greatest(0, $6 - (SELECT count(*) FROM salary_group WHERE salaries_id = $1))
        """;

    private const string SourcesSql = """
        SELECT w.n, s.id FROM unnest($2::bytea[]) WITH ORDINALITY AS w(hash, n) JOIN salary_source s ON s.salaries_id = $1 AND s.hash = w.hash
        """;

    private const string AddSourcesSql = """
        INSERT INTO salary_source(salaries_id, hash, name, url, licence)
        SELECT $1, w.hash, w.name, w.url, w.licence
        FROM unnest($2::bytea[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS w(hash, name, url, licence, n)
        WHERE NOT EXISTS (SELECT FROM salary_source s WHERE s.salaries_id = $1 AND s.hash = w.hash)
        ORDER BY w.n LIMIT greatest(0, $6 - (SELECT count(*) FROM salary_source WHERE salaries_id = $1))
        """;

    /// <summary>The groups' numbers; one that is missing is one more than a career may have.</summary>
    public static Task<Dictionary<SalaryGroup, int>> FindGroupsAsync(
        NpgsqlTransaction transaction,
        LockedSalaries salaries,
        IReadOnlyList<SalaryGroup> groups,
        CancellationToken cancellationToken
    )
    {
        object[] keys =
        [
            groups.Select(group => group.Level).ToArray(),
            groups.Select(group => group.Region).ToArray(),
            groups.Select(group => group.Currency).ToArray(),
            groups.Select(group => group.Year).ToArray(),
        ];
        return FindAsync(
            transaction,
            groups,
            (GroupsSql, [salaries.Id, .. keys]),
            (AddGroupsSql, [salaries.Id, .. keys, MostGroups]),
            cancellationToken
        );
    }

    /// <summary>The sources' numbers; one that is missing is one more than a career may have.</summary>
    public static Task<Dictionary<ObservationSource, int>> FindSourcesAsync(
        NpgsqlTransaction transaction,
        LockedSalaries salaries,
        IReadOnlyList<ObservationSource> sources,
        CancellationToken cancellationToken
    )
    {
        var hashes = sources.Select(HashOf).ToArray();
        object[] texts =
        [
            sources.Select(source => source.Name).ToArray(),
            sources.Select(source => source.Url).ToArray(),
            sources.Select(source => source.Licence).ToArray(),
        ];
        return FindAsync(
            transaction,
            sources,
            (SourcesSql, [salaries.Id, hashes]),
            (AddSourcesSql, [salaries.Id, hashes, .. texts, MostSources]),
            cancellationToken
        );
    }

    private static async Task<Dictionary<T, int>> FindAsync<T>(
        NpgsqlTransaction transaction,
        IReadOnlyList<T> wanted,
        (string Sql, object[] Values) find,
        (string Sql, object[] Values) add,
        CancellationToken cancellationToken
    )
        where T : notnull
    {
        var found = await FindAsync(transaction, wanted, find, cancellationToken);
        if (found.Count == wanted.Count)
        {
            return found;
        }
        await using var command = Command(transaction, add);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return await FindAsync(transaction, wanted, find, cancellationToken);
    }

    private static async Task<Dictionary<T, int>> FindAsync<T>(
        NpgsqlTransaction transaction,
        IReadOnlyList<T> wanted,
        (string Sql, object[] Values) find,
        CancellationToken cancellationToken
    )
        where T : notnull
    {
        await using var command = Command(transaction, find);
        Dictionary<T, int> found = new(wanted.Count);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(wanted[(int)row.GetInt64(0) - 1], row.GetInt32(1));
        }
        return found;
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, (string Sql, object[] Values) statement)
    {
        var command = new NpgsqlCommand(statement.Sql, transaction.Connection, transaction);
        foreach (var value in statement.Values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }

    private static byte[] HashOf(ObservationSource source) =>
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes<string?[]>([source.Name, source.Url, source.Licence]));
}
