using BackendGuide.FaultTests.Checking;
using Npgsql;

namespace BackendGuide.FaultTests.Rig;

/// <summary>
/// Notes each real change of a copy, from inside its own transaction: a trigger that the system knows nothing of. An event that comes
/// twice and changes nothing leaves no note.
/// </summary>
internal static class EffectLog
{
    private const string InstallSql = """
        CREATE SCHEMA fault_test;
        CREATE TABLE fault_test.effect(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject text NOT NULL, version bigint NOT NULL,
          at timestamptz NOT NULL DEFAULT clock_timestamp());
        CREATE FUNCTION fault_test.note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO fault_test.effect(subject, version) VALUES
            (CASE to_jsonb(NEW)->>'kind' WHEN 'technology' THEN 'technologies/' WHEN 'guide' THEN 'guides/' ELSE 'careers/' END || NEW.slug,
             NEW.version);
          RETURN NULL;
        END $$;
        """;

    private const string ReadSql = "SELECT id, subject, version, at FROM fault_test.effect WHERE id > $1 ORDER BY id";

    /// <summary>Installs it on a table that has <c>slug</c> and <c>version</c>, and <c>kind</c> where it copies more than careers.</summary>
    public static async Task InstallAsync(NpgsqlDataSource database, string table, CancellationToken cancellationToken)
    {
        await using var install = database.CreateCommand(
            $"{InstallSql} CREATE TRIGGER note AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION fault_test.note()"
        );
        await install.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The changes after one that is known.</summary>
    public static Task<IReadOnlyList<Effect>> ReadAsync(NpgsqlDataSource database, long after, CancellationToken cancellationToken) =>
        database.ListAsync(
            ReadSql,
            row => new Effect(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetDateTime(3)),
            cancellationToken,
            after
        );
}
