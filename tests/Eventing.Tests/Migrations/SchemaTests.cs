using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Migrations;

public sealed class SchemaTests(ServersFixture servers)
{
    [Fact]
    public async Task Functions_OfTheMigratedDatabase_NotifyNobody()
    {
        // NOTIFY inside a business transaction costs up to 83 % of the throughput, and fails commits when its queue is full.
        await using var database = await TestDatabase.CreateAsync(servers, TestContext.Current.CancellationToken);

        const string Sql = """
            SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc ILIKE '%notify%'
            """;
        Assert.Equal(0, await database.DataSource.ScalarAsync<long>(Sql, TestContext.Current.CancellationToken));
        const string Triggers = "SELECT count(*) FROM pg_trigger WHERE tgname = 'event_log_pos' AND tgdeferrable AND tginitdeferred";
        Assert.Equal(1, await database.DataSource.ScalarAsync<long>(Triggers, TestContext.Current.CancellationToken));
    }
}
