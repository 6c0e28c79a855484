using BackendGuide.NativeHosting.Engine;
using BackendGuide.NativeHosting.Processes;
using BackendGuide.NativeHosting.Servers;

namespace BackendGuide.Testing.Faults;

/// <summary>A Redis of a test's own, which it may kill and start again at the same address, empty, or let stand still.</summary>
public sealed class KillableRedis : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder;
    private readonly Watchdog _watchdog;
    private readonly RedisServer _server;

    private KillableRedis(DirectoryInfo folder, Watchdog watchdog)
    {
        (_folder, _watchdog) = (folder, watchdog);
        var options = new NativeServerOptions
        {
            Name = "cache",
            DataFolder = Path.Combine(folder.FullName, "cache"),
            LogFile = Path.Combine(folder.FullName, "cache.log"),
            Password = "killable",
            Durable = false,
        };
        _server = new RedisServer(options, watchdog, new PortBook(Path.Combine(folder.FullName, "ports.json")));
    }

    /// <summary>StackExchange.Redis's connection string.</summary>
    public string ConnectionString => _server.ConnectionString;

    public static async Task<KillableRedis> StartAsync(CancellationToken cancellationToken)
    {
        var policy = Environment.GetEnvironmentVariable(ServerPackage.InstallVariable);
        await ServerInstaller.EnsureAsync([ServerPackage.Redis], policy, Console.WriteLine, cancellationToken);
        var redis = new KillableRedis(Directory.CreateTempSubdirectory("backendguide-redis-"), new Watchdog());
        await redis.StartAgainAsync(cancellationToken);
        return redis;
    }

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        Posix.Send(_server.ProcessId, Signal.Kill);
        await _server.Exited.WaitAsync(Patience, cancellationToken);
    }

    /// <summary>Returns when it answers.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken) => _server.StartAsync(cancellationToken);

    /// <summary>SIGSTOP: connections stay open, and nothing answers.</summary>
    public Task StopAsync() => Signals.StopAsync(_server.ProcessId);

    /// <summary>SIGCONT.</summary>
    public Task ContinueAsync() => Signals.ContinueAsync(_server.ProcessId);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _watchdog.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
