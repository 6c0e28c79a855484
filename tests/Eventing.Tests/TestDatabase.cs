using BackendGuide.Eventing.Log;
using BackendGuide.Eventing.Migrations;
using BackendGuide.Eventing.Relaying;
using BackendGuide.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace BackendGuide.Eventing.Tests;

/// <summary>A migrated database of the test's own, with the event log that writes to it.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly RelaySignal _signal = new();

    private TestDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        DataSource = NpgsqlDataSource.Create(connectionString);
        Log = new EventLog(DataSource, _signal, TimeProvider.System);
        Feed = new Feed(DataSource, "/test");
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    public EventLog Log { get; }

    public Feed Feed { get; }

    public static async Task<TestDatabase> CreateAsync(ServersFixture servers, CancellationToken cancellationToken)
    {
        var connectionString = await servers.CreateDatabaseAsync(cancellationToken);
        await MigrateAsync(connectionString, cancellationToken);
        return new TestDatabase(connectionString);
    }

    /// <summary>Looks at a database that others have made.</summary>
    public static TestDatabase Open(string connectionString) => new(connectionString);

    public static Task MigrateAsync(string connectionString, CancellationToken cancellationToken) =>
        new DatabaseMigrations(connectionString, typeof(TestDatabase).Assembly, NullLogger<DatabaseMigrations>.Instance).StartingAsync(
            cancellationToken
        );

    public Task<long> CountAsync(string table, CancellationToken cancellationToken) =>
        DataSource.ScalarAsync<long>($"SELECT count(*) FROM {table}", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        _signal.Dispose();
    }
}
