using System.Net.Sockets;
using BackendGuide.NativeHosting.Processes;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.NativeHosting.Tests;

public sealed class SharedServersTests(ServersFixture servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fixture_asked_twice_for_a_database_gives_two_of_their_own()
    {
        var first = await servers.CreateDatabaseAsync(Cancellation);
        var second = await servers.CreateDatabaseAsync(Cancellation);

        await ExecuteAsync(first, "CREATE TABLE only_here (id int)");

        Assert.Equal(0L, await ExecuteAsync(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'"));
    }

    [Fact]
    public async Task Fixture_asked_for_a_virtual_host_gives_an_address_whose_broker_answers()
    {
        var uri = new Uri(await servers.CreateVirtualHostAsync(Cancellation));

        using var client = new TcpClient();
        await client.ConnectAsync(uri.Host, uri.Port, Cancellation);

        Assert.StartsWith("/test-", uri.AbsolutePath, StringComparison.Ordinal);
        Assert.NotEqual(uri, new Uri(await servers.CreateVirtualHostAsync(Cancellation)));
    }

    [Fact]
    public void Fixture_asked_twice_for_a_key_prefix_gives_two() => Assert.NotEqual(servers.CreateKeyPrefix(), servers.CreateKeyPrefix());

    [Fact]
    public async Task Second_user_on_this_machine_joins_the_first_ones_servers_whatever_they_run_on()
    {
        await using var second = await TestServers.AcquireSetAsync(Cancellation);

        Assert.Equal(servers.Servers.PostgresConnectionString, second.PostgresConnectionString);
    }

    [Fact]
    public async Task Last_user_gone_the_servers_end_and_their_data_is_removed()
    {
        using var folder = new TemporaryFolder();
        var shared = await Servers.SharedServers.AcquireAsync(folder.Path, Cancellation);
        var second = await Servers.SharedServers.AcquireAsync(folder.Path, Cancellation);
        var processId = (int)(await ExecuteAsync($"{shared.PostgresConnectionString};Database=postgres", "SELECT pg_backend_pid()"))!;
        Assert.True(processId > 0);
        Assert.Equal(shared.PostgresConnectionString, second.PostgresConnectionString);

        await shared.DisposeAsync();
        Assert.Equal(1, await ExecuteAsync($"{second.PostgresConnectionString};Database=postgres", "SELECT 1"));
        await second.DisposeAsync();

        await Eventually.EqualAsync(
            0,
            () => Task.FromResult(Directory.GetDirectories(folder.Path).Length),
            TimeSpan.FromSeconds(15),
            "the set's folder is removed",
            Cancellation
        );
    }

    [Fact]
    public async Task Set_whose_watchdog_was_killed_is_not_joined()
    {
        using var folder = new TemporaryFolder();
        var pipe = folder.In("users");
        await Command.RunAsync("mkfifo", [pipe], Cancellation);
        await File.WriteAllTextAsync(
            folder.In("servers.json"),
            $$"""{"Pipe":"{{pipe}}","Postgres":"Host=127.0.0.1;Port=1","RabbitMq":"amqp://127.0.0.1:1","Management":"http://127.0.0.1:1","Redis":"127.0.0.1:1"}""",
            Cancellation
        );

        var shared = await Servers.SharedServers.AcquireAsync(folder.Path, Cancellation);

        Assert.DoesNotContain("Port=1;", shared.PostgresConnectionString, StringComparison.Ordinal);
        await shared.DisposeAsync();
        await Eventually.EqualAsync(
            0,
            () => Task.FromResult(Directory.GetDirectories(folder.Path).Length),
            TimeSpan.FromSeconds(15),
            "the set's folder is removed",
            Cancellation
        );
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
