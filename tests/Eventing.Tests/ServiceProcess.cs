using System.Diagnostics;
using BackendGuide.Testing.Faults;

namespace BackendGuide.Eventing.Tests;

/// <summary>A service of the small domain as a process of its own: what a kill ends is all of it, and what a stop halts too.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServiceProcess(Process process) => _process = process;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    private static string Assembly { get; } =
        Path.GetFullPath(
            Path.Combine(
                AppContext.BaseDirectory,
                "..",
                "..",
                "..",
                "..",
                "EventingProcess",
                "bin",
                AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}")
                    ? "Release"
                    : "Debug",
                "net10.0",
                "EventingProcess.dll"
            )
        );

    /// <summary>Starts it, and returns when it says that it has.</summary>
    public static async Task<ServiceProcess> StartAsync(CancellationToken cancellationToken, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly, .. arguments])
        {
            RedirectStandardInput = true, // closed with this process: it ends then, whatever becomes of the test
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var service = new ServiceProcess(process);
        if (await process.StandardOutput.ReadLineAsync(cancellationToken) is not "started" && !process.HasExited)
        {
            await service.DisposeAsync();
            throw new InvalidOperationException("The process did not start.");
        }
        return service;
    }

    /// <summary>Has a producer write a thing.</summary>
    /// <returns>Its version.</returns>
    public async Task<long> SaveAsync(Guid id, CancellationToken cancellationToken)
    {
        await SayAsync(id.ToString(), cancellationToken);
        return long.Parse((await HearAsync(cancellationToken))!, null);
    }

    /// <summary>A line on its input.</summary>
    public async Task SayAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
    }

    /// <summary>The next line of its output, also of what it said before it was killed; null after the last.</summary>
    public async Task<string?> HearAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken);

    /// <summary>SIGKILL: nothing is finished, nobody is told.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGSTOP: it is there and does nothing.</summary>
    public Task StopAsync() => Signals.StopAsync(_process.Id);

    /// <summary>SIGCONT: it goes on as if no time had passed.</summary>
    public Task ContinueAsync() => Signals.ContinueAsync(_process.Id);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }
        _process.Dispose();
    }
}
