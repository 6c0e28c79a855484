using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>One process of a .NET project, by the assembly that the AppHost's build made.</summary>
internal sealed class ServiceInstance : ISupervised
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    // Two layers of services and one of servers (4 s) have to stop within 10 s.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2.5);
    private static readonly HttpClient Http = new();
    private readonly OutputTail tail = new();
    private readonly RotatingLog log;
    private readonly ServiceDescription description;
    private readonly Watchdog watchdog;
    private readonly EngineConsole console;
    private ManagedProcess? process;

    public ServiceInstance(ServiceDescription description, string logFile, Watchdog watchdog, EngineConsole console)
    {
        this.description = description;
        this.watchdog = watchdog;
        this.console = console;
        log = new RotatingLog(logFile);
    }

    public string Name => description.Name;

    public string Kind => "project";

    public int ProcessId => process?.Id ?? 0;

    public Task<int> Exited => process?.Exited ?? Task.FromResult(0);

    public IReadOnlyList<string> Urls => [description.Url];

    public string? ConnectionString => null;

    public IReadOnlyList<string> LastLines => tail.Lines;

    public async Task StartAsync(Action started, CancellationToken cancellationToken)
    {
        if (process is { } previous)
        {
            await previous.DisposeAsync();
        }
        var spec = new ProcessSpec(DotnetHost, [description.Assembly])
        {
            WorkingDirectory = Path.GetDirectoryName(description.Assembly)!,
            Environment = description.Environment,
        };
        degradedSince = null;
        process = ManagedProcess.Start(spec, watchdog, WriteLog);
        started();
        await Readiness.WaitAsync(Name, process.Exited, IsHealthyAsync, StartLimit, tail, cancellationToken);
    }

    public async Task StopAsync()
    {
        if (process is { } running)
        {
            await running.StopAsync(StopPatience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { } running)
        {
            await running.DisposeAsync();
        }
        log.Dispose();
    }

    private static readonly TimeSpan DegradedPatience = TimeSpan.FromSeconds(10);
    private Stopwatch? degradedSince;

    // The dotnet that runs this process: the one on the PATH may be another, or none.
    private static string DotnetHost { get; } =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        if (description.HealthPath is not { } path)
        {
            return true;
        }
        using var answer = await Http.GetAsync(description.Url + path, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            return false;
        }
        // Just started, a service may be degraded for a moment, not yet on the bus. One that stays so serves all the same.
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!body.Contains("\"status\":\"Degraded\"", StringComparison.Ordinal))
        {
            return true;
        }
        degradedSince ??= Stopwatch.StartNew();
        return degradedSince.Elapsed > DegradedPatience;
    }

    private void WriteLog(string line)
    {
        tail.Add(line);
        log.WriteLine(line);
        console.Log(Name, line);
    }
}

/// <param name="Name">The resource's name, with <c>-0</c>, <c>-1</c> … where there are several.</param>
/// <param name="Assembly">The full path of the assembly to run.</param>
/// <param name="Url">What it listens on.</param>
/// <param name="HealthPath">What answers 200 when it is healthy, or degraded for a while; null: running is enough.</param>
/// <param name="Environment">Set over the AppHost's environment; null removes.</param>
internal sealed record ServiceDescription(
    string Name,
    string Assembly,
    string Url,
    string? HealthPath,
    IReadOnlyDictionary<string, string?> Environment
);
