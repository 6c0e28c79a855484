using System.Diagnostics;
using System.Text.Json;
using BackendGuide.NativeHosting.Processes;
using Npgsql;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>
/// One set of servers for several processes of this machine. The first one starts them; whoever comes while they run joins; when the
/// last one has gone, in order or by a crash, they end and their data is removed. The count of the users is the kernel's: it is who has
/// the watchdog's pipe open.
/// </summary>
public sealed class SharedServers : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly StreamWriter membership;
    private readonly SharedSet set;
    private readonly Watchdog? watchdog;

    private SharedServers(StreamWriter membership, SharedSet set, Watchdog? watchdog = null)
    {
        this.membership = membership;
        this.set = set;
        this.watchdog = watchdog;
    }

    /// <summary>PostgreSQL's connection string, without a database.</summary>
    public string PostgresConnectionString => set.Postgres;

    /// <summary>RabbitMQ's connection string, for the default virtual host.</summary>
    public string RabbitMqConnectionString => set.RabbitMq;

    /// <summary>The address of RabbitMQ's management plugin; its user is that of the connection string.</summary>
    public Uri RabbitMqManagementUrl => new(set.Management);

    /// <summary>Redis's connection string.</summary>
    public string RedisConnectionString => set.Redis;

    /// <summary>Joins the set of this folder, or starts one. Its data is not durable: it is for tests.</summary>
    /// <exception cref="NativeHostingException">A server is missing, or did not start; the message says why.</exception>
    public static async Task<SharedServers> AcquireAsync(string folder, CancellationToken cancellationToken)
    {
        Folders.Private(folder);
        await using var door = await FileLock.TakeAsync(Path.Combine(folder, "lock"), Patience, cancellationToken);
        var state = Path.Combine(folder, "servers.json");
        if (
            File.Exists(state)
            && await JoinAsync(JsonSerializer.Deserialize<SharedSet>(await File.ReadAllTextAsync(state, cancellationToken))!) is { } joined
        )
        {
            return joined;
        }
        return await StartAsync(folder, state, cancellationToken);
    }

    /// <summary>Leaves the set.</summary>
    public async ValueTask DisposeAsync()
    {
        if (watchdog is { } started)
        {
            await started.DisposeAsync();
        }
        await membership.DisposeAsync();
    }

    private static async Task<SharedServers> StartAsync(string folder, string state, CancellationToken cancellationToken)
    {
        var own = Path.Combine(folder, Guid.NewGuid().ToString("N")[..8]);
        Folders.Private(own);
        var pipe = Path.Combine(own, "users");
        var (exitCode, output) = await Command.RunAsync("mkfifo", ["-m", "600", pipe], cancellationToken);
        if (exitCode != 0)
        {
            throw new NativeHostingException($"mkfifo {pipe}: {output}");
        }

        var membership = Watchdog.Join(pipe);
        var watchdog = Watchdog.Shared(pipe);
        watchdog.RemoveAtEnd(own);
        watchdog.RemoveAtEnd(PostgresAccount.ElsewhereFor(Path.Combine(own, "postgres")));
        try
        {
            var servers = await NativeServers.StartAsync(watchdog, own, durable: false, outlive: true, cancellationToken);
            var set = new SharedSet(
                pipe,
                servers.Postgres.ConnectionString,
                servers.RabbitMq.ConnectionString,
                servers.RabbitMq.ManagementUrl.ToString(),
                servers.Redis.ConnectionString
            );
            Folders.WritePrivate(state, JsonSerializer.Serialize(set));
            return new SharedServers(membership, set, watchdog);
        }
        catch
        {
            await watchdog.DisposeAsync();
            await membership.DisposeAsync();
            throw;
        }
    }

    private static async Task<SharedServers?> JoinAsync(SharedSet set)
    {
        if (!File.Exists(set.Pipe))
        {
            return null;
        }
        var membership = Watchdog.Join(set.Pipe);
        if (await AnswersAsync(membership, set.Pipe) && await AcceptsAsync(set))
        {
            return new SharedServers(membership, set);
        }
        await membership.DisposeAsync();
        return null;
    }

    // The watchdog may have been killed, or be past its waiting and about to end what it watches: only an answer proves that it waits.
    private static async Task<bool> AnswersAsync(StreamWriter membership, string pipe)
    {
        var answer = $"{pipe}-{Guid.NewGuid():N}";
        await membership.WriteLineAsync($"answer {answer}");
        var since = Stopwatch.StartNew();
        while (!File.Exists(answer))
        {
            if (since.Elapsed > AnswerLimit)
            {
                return false;
            }
            await Task.Delay(Pause);
        }
        File.Delete(answer);
        return true;
    }

    private static async Task<bool> AcceptsAsync(SharedSet set)
    {
        try
        {
            await using var connection = new NpgsqlConnection($"{set.Postgres};Database=postgres;Pooling=false;Timeout=5");
            await connection.OpenAsync();
            using var broker = new System.Net.Sockets.TcpClient();
            var address = new Uri(set.RabbitMq);
            await broker.ConnectAsync(address.Host, address.Port);
            using var cache = new System.Net.Sockets.TcpClient();
            var port = int.Parse(set.Redis.Split(':', ',')[1], System.Globalization.CultureInfo.InvariantCulture);
            await cache.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (Exception fault) when (fault is NpgsqlException or System.Net.Sockets.SocketException)
        {
            // Somebody ended one of them: the set is given up, and ends with its last user.
            return false;
        }
    }

    private sealed record SharedSet(string Pipe, string Postgres, string RabbitMq, string Management, string Redis);
}
