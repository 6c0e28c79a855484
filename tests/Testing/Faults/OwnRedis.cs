using System.Diagnostics;
using System.Globalization;
using BackendGuide.NativeHosting.Servers;

namespace BackendGuide.Testing.Faults;

/// <summary>A Redis of one test's own, which may be killed and started again: it keeps nothing, as the system's.</summary>
public sealed class OwnRedis : IAsyncDisposable
{
    private readonly string _port = FreePorts.Take().ToString(CultureInfo.InvariantCulture);
    private Process? _process;

    public OwnRedis() => Start();

    public string ConnectionString => $"127.0.0.1:{_port}";

    /// <summary>Starts it, on the same port each time.</summary>
    public void Start()
    {
        var server = ServerBinaries.Redis() ?? throw new InvalidOperationException("Redis was not found on this machine.");
        string[] arguments = ["--port", _port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        _process = Process.Start(new ProcessStartInfo(server, arguments) { RedirectStandardOutput = true })!;
        _ = _process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is { } running)
        {
            running.Kill();
            await running.WaitForExitAsync(CancellationToken.None);
            running.Dispose();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();
}
