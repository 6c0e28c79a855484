using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.CareerService.Tests;

[Collection(CareerServiceCollection.Name)]
public sealed class SeedingTests(CareerServiceFixture career, ServersFixture servers)
{
    [Fact]
    public async Task Instances_ThatStartAtOnceOnAnEmptyDatabase_SeedItOnce()
    {
        var connection = await servers.CreateDatabaseAsync(TestContext.Current.CancellationToken);

        var instances = await Task.WhenAll(
            Enumerable.Range(0, 2).Select(_ => Task.Run(() => career.StartInstance(connection), TestContext.Current.CancellationToken))
        );

        Assert.Equal("1 career, 1 event", await CountAsync(connection));
        foreach (var instance in instances)
        {
            var seed = await instance.CreateClient().GetJsonAsync("/api/v1/careers/backend-developer");
            Assert.Equal(1, seed.GetProperty("version").GetInt64());
            await instance.DisposeAsync();
        }
    }

    [Fact]
    public async Task AnInstance_ThatStartsWhereThereAreCareers_LeavesThemAsTheyAre()
    {
        var connection = await servers.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        await using (career.StartInstance(connection)) { }
        await using (var database = NpgsqlDataSource.Create(connection))
        await using (var rename = database.CreateCommand("UPDATE career SET slug = 'another-career'"))
        {
            await rename.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using (career.StartInstance(connection)) { }

        Assert.Equal("1 career, 1 event", await CountAsync(connection));
    }

    private static async Task<string> CountAsync(string connection)
    {
        const string Sql = "SELECT (SELECT count(*) FROM career) || ' career, ' || (SELECT count(*) FROM event_log) || ' event'";
        await using var database = NpgsqlDataSource.Create(connection);
        await using var count = database.CreateCommand(Sql);
        return (string)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
