using BackendGuide.FaultTests.Checking;
using BackendGuide.FaultTests.Rig;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.FaultTests.Controls;

/// <summary>A small source with the real feed, and a copy beside it, for readers and consumers of which some are wrong.</summary>
internal sealed class ControlDatabase : IAsyncDisposable
{
    public const string Source = "/things";
    public const int Things = 20;

    // The xid column is there for the cursor that takes its order for the commits'.
    private const string TablesSql = """
        ALTER TABLE event_log ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
        CREATE TABLE thing(slug text PRIMARY KEY, version bigint NOT NULL, marker text NOT NULL);
        CREATE TABLE thing_copy(slug text PRIMARY KEY, version bigint NOT NULL, marker text NOT NULL);
        """;

    private const string RowsSql = "SELECT 'careers/' || slug, version, md5(marker) FROM thing";
    private const string CopySql = "SELECT 'careers/' || slug, version, md5(marker) FROM thing_copy";

    // As if the consumer had taken everything: these controls are about what it made of it.
    private const string TakenSql = """
        INSERT INTO source_progress(consumer, source, epoch, contiguous_pos, max_seen)
        SELECT 'control', $1, epoch, (SELECT max(pos) FROM feed), (SELECT max(pos) FROM feed) FROM feed_meta
        """;

    private readonly SourceDatabases _tables;

    private ControlDatabase(NpgsqlDataSource database)
    {
        Database = database;
        _tables = new SourceDatabases(Source, database, database, "thing_copy", RowsSql, CopySql);
    }

    public NpgsqlDataSource Database { get; }

    public static async Task<ControlDatabase> CreateAsync(ServersFixture servers, CancellationToken cancellationToken)
    {
        var database = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync(cancellationToken));
        foreach (var migration in Migrations())
        {
            await ExecuteAsync(database, migration, cancellationToken);
        }
        await ExecuteAsync(database, TablesSql, cancellationToken);
        var control = new ControlDatabase(database);
        await control._tables.InstallEffectLogAsync(cancellationToken);
        return control;
    }

    /// <summary>Judges what was delivered and applied, by the judge of the real runs.</summary>
    public async Task<Verdict> CheckAsync(
        IReadOnlyList<SentWrite> writes,
        IReadOnlyList<Delivery> deliveries,
        CancellationToken cancellationToken
    )
    {
        await using var taken = Database.CreateCommand(TakenSql);
        taken.Parameters.Add(new() { Value = Source });
        await taken.ExecuteNonQueryAsync(cancellationToken);
        var records = await _tables.ReadAsync(new SourceMark(0, 0), cancellationToken);
        return Checker.Check(new Observation(writes, deliveries, [records]));
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    // In the order in which a service runs them.
    private static IEnumerable<string> Migrations()
    {
        var assembly = typeof(ControlDatabase).Assembly;
        var names = assembly.GetManifestResourceNames().Where(name => name.StartsWith("migrations/", StringComparison.Ordinal));
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            using var script = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return script.ReadToEnd();
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
