using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Migrations;

public sealed class DatabaseMigrationsTests(ServersFixture servers)
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrations_OfTwoInstancesAtOnceAndALaterOne_RunEachScriptOnce()
    {
        var connectionString = await servers.CreateDatabaseAsync(_cancelled);

        await Task.WhenAll(
            TestDatabase.MigrateAsync(connectionString, _cancelled),
            TestDatabase.MigrateAsync(connectionString, _cancelled)
        );
        await TestDatabase.MigrateAsync(connectionString, _cancelled);

        await using var database = NpgsqlDataSource.Create(connectionString);
        const string Sql = "SELECT array_agg(scriptname::text ORDER BY schemaversionsid) FROM schemaversions";
        var scripts = await database.ScalarAsync<string[]>(Sql, _cancelled);
        Assert.Equal(
            [
                "BackendGuide.Eventing.Migrations.0001-feed.sql",
                "BackendGuide.Eventing.Migrations.0002-seen-positions.sql",
                "BackendGuide.Eventing.Migrations.0003-idempotency.sql",
                "BackendGuide.Eventing.Migrations.0004-operations.sql",
                "BackendGuide.Eventing.Tests.Migrations.0001-thing.sql",
            ],
            scripts
        );
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM feed_meta", _cancelled));
    }
}
