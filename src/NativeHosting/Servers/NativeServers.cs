using System.Security.Cryptography;
using BackendGuide.NativeHosting.Engine;
using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>
/// PostgreSQL, RabbitMQ and Redis in a folder, for this process alone: a test may stop, kill and restart each of them. All of them end
/// with this process, whatever its end.
/// </summary>
public sealed class NativeServers : IAsyncDisposable
{
    private readonly Watchdog watchdog;

    private NativeServers(Watchdog watchdog, string folder, bool durable, bool outlive)
    {
        this.watchdog = watchdog;
        Folders.Private(folder);
        var ports = new PortBook(Path.Combine(folder, "ports.json"));
        var password = PasswordIn(folder);
        NativeServerOptions Options(string name) =>
            new()
            {
                Name = name,
                DataFolder = Path.Combine(folder, name),
                LogFile = Path.Combine(folder, "logs", $"{name}.log"),
                Password = password,
                Durable = durable,
                Outlives = outlive,
            };
        Postgres = new PostgresServer(Options("postgres"), watchdog, ports);
        RabbitMq = new RabbitMqServer(Options("messaging"), watchdog, ports);
        Redis = new RedisServer(Options("cache"), watchdog, ports);
    }

    /// <summary>The database server.</summary>
    public PostgresServer Postgres { get; }

    /// <summary>The broker.</summary>
    public RabbitMqServer RabbitMq { get; }

    /// <summary>The cache.</summary>
    public RedisServer Redis { get; }

    /// <summary>
    /// Starts all three, after installing what is missing where that is possible and allowed, and returns when they answer.
    /// </summary>
    /// <param name="folder">Where they keep their data, logs, ports and password; an earlier run's data is taken up.</param>
    /// <param name="durable">False for tests that need no durability: several times faster.</param>
    /// <param name="cancellationToken">Ends the start; what was started is stopped.</param>
    /// <exception cref="NativeHostingException">A server is missing, or did not start; the message says why.</exception>
    public static Task<NativeServers> StartAsync(string folder, bool durable, CancellationToken cancellationToken) =>
        StartAsync(new Watchdog(), folder, durable, outlive: false, cancellationToken);

    internal static async Task<NativeServers> StartAsync(
        Watchdog watchdog,
        string folder,
        bool durable,
        bool outlive,
        CancellationToken cancellationToken
    )
    {
        var policy = Environment.GetEnvironmentVariable(ServerPackage.InstallVariable);
        ServerPackage[] wanted = [ServerPackage.Postgres, ServerPackage.RabbitMq, ServerPackage.Redis];
        await ServerInstaller.EnsureAsync(wanted, policy, Console.WriteLine, cancellationToken);
        var servers = new NativeServers(watchdog, folder, durable, outlive);
        try
        {
            await Task.WhenAll(
                servers.Postgres.StartAsync(cancellationToken),
                servers.RabbitMq.StartAsync(cancellationToken),
                servers.Redis.StartAsync(cancellationToken)
            );
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops all three.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Postgres.DisposeAsync().AsTask(), RabbitMq.DisposeAsync().AsTask(), Redis.DisposeAsync().AsTask());
        await watchdog.DisposeAsync();
    }

    private static string PasswordIn(string folder)
    {
        var file = Path.Combine(folder, "password");
        if (!File.Exists(file))
        {
            Folders.WritePrivate(file, RandomNumberGenerator.GetHexString(24));
        }
        return File.ReadAllText(file);
    }
}
