using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;
using BackendGuide.NativeHosting.Processes;
using BackendGuide.NativeHosting.Servers;
using Microsoft.Extensions.Configuration;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>Runs an application on this machine's own servers: starts it in the order of its waits, keeps it running, stops it in reverse.</summary>
internal sealed class NativeEngine(IReadOnlyList<IResource> resources, IConfiguration configuration, Stopwatch sinceStart)
{
    private readonly EngineConsole console = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = StopRequest.Listen(console, cancellationToken);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                throw new NativeHostingException(
                    "The native engine runs on Linux and macOS. On Windows use a container engine and --engine aspire."
                );
            }
            await RunUntilStoppedAsync(stop);
        }
        catch (OperationCanceledException) when (stop.Requested.IsCancellationRequested)
        {
            console.Line("BackendGuide was stopped before it was ready.");
        }
        catch (Exception fault) when (fault is NativeHostingException or IOException or UnauthorizedAccessException)
        {
            console.Error($"BackendGuide cannot start: {fault.Message}");
            Environment.ExitCode = 1;
        }
    }

    private async Task RunUntilStoppedAsync(StopRequest stop)
    {
        var folders = NativeFolders.From(configuration);
        folders.EnsureSpace();
        var file = new ResourcesFile(folders.ResourcesFile);
        var wanted = resources.Select(PackageOf).OfType<ServerPackage>();
        await ServerInstaller.EnsureAsync(wanted, configuration[ServerPackage.InstallVariable], console.Line, stop.Requested);
        await GatewayPorts.EnsureFreeAsync(resources, stop.Requested);

        await using var watchdog = new Watchdog();
        var system = RunningSystem.Build(resources, folders, watchdog, console);
        try
        {
            await console.WhileShowingAsync(
                () => system.StartAsync(() => file.Write(system.Parts), stop.Requested),
                () => system.WaitedFor
            );
            file.Write(system.Parts);
            Announce(system, folders);
            await system.SuperviseAsync(() => Rewrite(file, system), stop.Requested);
        }
        finally
        {
            await system.StopAsync();
            file.Delete();
        }
        console.Line("BackendGuide has stopped.");
    }

    // What runs goes on running when the disk is full.
    private void Rewrite(ResourcesFile file, RunningSystem system)
    {
        if (file.TryWrite(system.Parts) is { } reason)
        {
            console.Line($"resources.json is out of date: {reason}");
        }
    }

    private static ServerPackage? PackageOf(IResource resource) =>
        resource switch
        {
            PostgresServerResource => ServerPackage.Postgres,
            RabbitMQServerResource => ServerPackage.RabbitMq,
            RedisResource => ServerPackage.Redis,
            _ => null,
        };

    private void Announce(RunningSystem system, NativeFolders folders)
    {
        console.Table([
            .. system.Parts.Select(part => (part.Name, "healthy", part.Urls.Count > 0 ? part.Urls[0] : Endpoint(part.ConnectionString))),
        ]);
        if (File.Exists(folders.EditorToken))
        {
            console.Line($"Editor token: {folders.EditorToken}");
        }
        console.Line($"BackendGuide is ready: {system.FrontDoor} ({sinceStart.Elapsed.TotalSeconds:0.0} s)");
    }

    // The address without what lets one in: "Host=127.0.0.1;Port=5432;…", "amqp://user:password@127.0.0.1:5672", "127.0.0.1:6379,…".
    private static string Endpoint(string? connectionString) =>
        connectionString switch
        {
            null => "",
            _ when connectionString.StartsWith("Host=", StringComparison.Ordinal) => connectionString.Split(';') is [var host, var port, ..]
                ? $"{host[5..]}:{port[5..]}"
                : "",
            _ => connectionString[(connectionString.LastIndexOf('@') + 1)..].Split(',')[0],
        };
}
