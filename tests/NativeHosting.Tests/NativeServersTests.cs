using BackendGuide.NativeHosting.Processes;
using BackendGuide.NativeHosting.Servers;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.NativeHosting.Tests;

public sealed class NativeServersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Servers_killed_and_started_again_have_their_data_addresses_and_passwords()
    {
        using var folder = new TemporaryFolder();
        await using var servers = await NativeServers.StartAsync(folder.Path, durable: true, Cancellation);
        var database = await servers.Postgres.EnsureDatabaseAsync("content-db", Cancellation);
        await ExecuteAsync(database, "CREATE TABLE kept AS SELECT 42 AS answer");
        var before = (servers.Postgres.ProcessId, servers.RabbitMq.ProcessId, servers.Redis.ProcessId);

        foreach (var server in new NativeServer[] { servers.Postgres, servers.RabbitMq, servers.Redis })
        {
            Posix.Send(server.ProcessId, Signal.Kill);
            await server.Exited.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
            await server.StartAsync(Cancellation);
        }

        Assert.Equal(42, await ExecuteAsync(database, "SELECT answer FROM kept"));
        Assert.Equal("on", await ExecuteAsync(database, "SHOW fsync"));
        Assert.Equal("on", await ExecuteAsync(database, "SHOW data_checksums"));
        Assert.Equal("127.0.0.1", await ExecuteAsync(database, "SHOW listen_addresses"));
        Assert.NotEqual(before, (servers.Postgres.ProcessId, servers.RabbitMq.ProcessId, servers.Redis.ProcessId));
    }

    [Fact]
    public async Task Postgres_killed_amid_a_long_query_is_started_again_at_once()
    {
        using var folder = new TemporaryFolder();
        await using var watchdog = new Watchdog();
        await using var server = new PostgresServer(Options(folder), watchdog, new Engine.PortBook(folder.In("ports.json")));
        await server.StartAsync(Cancellation);
        await using var connection = new NpgsqlConnection($"{server.ConnectionStringFor("postgres")};Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM generate_series(1, 1000000000000)", connection);
        var query = command.ExecuteScalarAsync(Cancellation);
        await IsRunningAsync(server);

        Posix.Send(server.ProcessId, Signal.Kill);
        await server.Exited.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        await server.StartAsync(Cancellation);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => query);
        Assert.Equal(1, await ExecuteAsync(server.ConnectionStringFor("postgres"), "SELECT 1"));
    }

    [Fact]
    public void Orphans_of_a_cluster_are_its_processes_without_their_server()
    {
        const string processes = """
                1     0 /sbin/init
             4711     1 /usr/lib/postgresql/15/bin/postgres -D /data -c cluster_name=living -c max_connections=400
             4712  4711 postgres: living: postgres content-db 127.0.0.1(40356) SELECT
             4801     1 postgres: dead: postgres content-db 127.0.0.1(40358) SELECT
             4802     1 postgres: deadly: checkpointer
             4803  4804 grep postgres: dead: 
            """;

        Assert.Equal([4801], PostgresOrphans.Find(processes, "dead"));
        Assert.Empty(PostgresOrphans.Find(processes, "living"));
    }

    [Fact]
    public async Task Broker_stopped_leaves_no_port_mapper()
    {
        using var folder = new TemporaryFolder();
        await using var watchdog = new Watchdog();
        var ports = new Engine.PortBook(folder.In("ports.json"));
        await using var broker = new RabbitMqServer(Options(folder), watchdog, ports);
        await broker.StartAsync(Cancellation);
        var mapper = await ListenerAsync(broker.EpmdPort);
        Assert.NotNull(mapper);

        await broker.StopAsync();

        Assert.Null(await ListenerAsync(broker.EpmdPort));
    }

    [Fact]
    public async Task Cluster_of_a_version_that_is_not_here_is_refused_with_its_version()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.In("server/cluster"));
        await File.WriteAllTextAsync(folder.In("server/cluster/PG_VERSION"), "99\n", Cancellation);
        await using var watchdog = new Watchdog();
        await using var server = new PostgresServer(Options(folder), watchdog, new Engine.PortBook(folder.In("ports.json")));

        var refusal = await Assert.ThrowsAsync<NativeHostingException>(() => server.StartAsync(Cancellation));

        Assert.Contains("PostgreSQL 99", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_with_another_password_is_refused_at_once()
    {
        using var folder = new TemporaryFolder();
        await using var watchdog = new Watchdog();
        var ports = new Engine.PortBook(folder.In("ports.json"));
        await using (var first = new PostgresServer(Options(folder), watchdog, ports))
        {
            await first.StartAsync(Cancellation);
        }
        var other = new Engine.PortBook(folder.In("other.json"));
        await using var second = new PostgresServer(Options(folder) with { Password = "another1" }, watchdog, other);

        var refusal = await Assert.ThrowsAsync<NativeHostingException>(() => second.StartAsync(Cancellation));

        Assert.Contains("another password", refusal.Message, StringComparison.Ordinal);
    }

    private static NativeServerOptions Options(TemporaryFolder folder) =>
        new()
        {
            Name = "server",
            DataFolder = folder.In("server"),
            LogFile = folder.In("server.log"),
            Password = "secret1",
            Durable = false,
        };

    private static Task IsRunningAsync(PostgresServer server) =>
        Eventually.TrueAsync(
            async () =>
                await ExecuteAsync(
                    server.ConnectionStringFor("postgres"),
                    "SELECT true FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND state = 'active' AND pid <> pg_backend_pid()"
                )
                    is true,
            TimeSpan.FromSeconds(10),
            "the query is running",
            Cancellation
        );

    private static Task<string?> ListenerAsync(int port) => Engine.PortHolder.FindAsync(port, Cancellation);

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
