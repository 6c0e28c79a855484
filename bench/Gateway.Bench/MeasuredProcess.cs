using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Bench;

/// <summary>What a process has used so far.</summary>
/// <param name="Processor">Of all its threads and children.</param>
/// <param name="Allocated">Managed bytes, since it began; 0 for one that has none.</param>
internal readonly record struct Usage(TimeSpan Processor, long Allocated)
{
    public static Usage operator +(Usage one, Usage other) => new(one.Processor + other.Processor, one.Allocated + other.Allocated);

    public static Usage operator -(Usage later, Usage earlier) =>
        new(later.Processor - earlier.Processor, later.Allocated - earlier.Allocated);
}

/// <summary>A process that listens on a port of its own, and what it uses.</summary>
internal sealed class MeasuredProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly string? _socket;
    private readonly StringBuilder _said = new();
    private int _disposed;

    private static readonly ConcurrentDictionary<MeasuredProcess, bool> s_running = new();

    private MeasuredProcess(string name, Process process, string? socket, int port) =>
        (Name, _process, _socket, Port) = (name, process, socket, port);

    public string Name { get; }

    public int Port { get; }

    public int Id => _process.Id;

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>Starts a .NET program and waits until it answers.</summary>
    /// <param name="name">What it is called in the table.</param>
    /// <param name="assembly">Its main assembly.</param>
    /// <param name="environment">Its settings.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="ready">What answers 200 when it is there.</param>
    /// <param name="taken">The port, where others have to know it before; null for a free one.</param>
    public static Task<MeasuredProcess> StartAsync(
        string name,
        string assembly,
        IReadOnlyDictionary<string, string?> environment,
        IReadOnlyList<string> arguments,
        string ready = "/alive",
        int? taken = null
    )
    {
        var port = taken ?? FreePorts.Take();
        var socket = Path.Combine(Path.GetTempPath(), $"bench-{Guid.NewGuid():N}");
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments]) { WorkingDirectory = Path.GetDirectoryName(assembly) };
        foreach (var (key, value) in environment)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(MeasuredProcess).Assembly.Location;
        start.Environment[StartupHook.SocketVariable] = socket;
        return StartAsync(name, start, socket, port, ready);
    }

    /// <summary>Starts any program on a port and waits until it answers there.</summary>
    public static async Task<MeasuredProcess> StartAsync(string name, ProcessStartInfo start, string? socket, int port, string ready)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var started = new MeasuredProcess(name, Process.Start(start)!, socket, port);
        s_running[started] = true;
        started._process.OutputDataReceived += started.Keep;
        started._process.ErrorDataReceived += started.Keep;
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        using var client = new HttpClient { BaseAddress = started.Address };
        try
        {
            await Eventually.TrueAsync(() => started.AnswersAsync(client, ready), s_startLimit, name, CancellationToken.None);
        }
        catch (Exception e)
        {
            var said = started.Said();
            await started.DisposeAsync();
            throw new InvalidOperationException($"{name} did not start. It said:\n{said}", e);
        }
        return started;
    }

    /// <summary>Sees to it that whoever ends this process ends those too that it has started.</summary>
    public static IDisposable EndAllOnSignals()
    {
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        return new Registrations([.. signals.Select(signal => PosixSignalRegistration.Create(signal, _ => EndAll()))]);
    }

    public async Task<Usage> MeasureAsync()
    {
        var processor = ProcessFamily.Processor(_process.Id);
        return new Usage(processor, _socket is null ? 0 : await AskAsync(_socket));
    }

    /// <summary>Resident bytes, its children's included.</summary>
    public long Resident() => ProcessFamily.Resident(_process.Id);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }
        s_running.TryRemove(this, out _);
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await terminate.WaitForExitAsync();
            using var limit = new CancellationTokenSource(s_endLimit);
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.Dispose();
        if (_socket is not null)
        {
            File.Delete(_socket);
        }
    }

    private static void EndAll()
    {
        foreach (var running in s_running.Keys)
        {
            running._process.Kill(entireProcessTree: true);
        }
        Environment.Exit(130);
    }

    private async Task<bool> AnswersAsync(HttpClient client, string path)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"It ended with {_process.ExitCode}.");
        }
        try
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_said)
        {
            _said.AppendLine(line.Data);
        }
    }

    private string Said()
    {
        lock (_said)
        {
            return _said.ToString();
        }
    }

    private static async Task<long> AskAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        var answer = new byte[32];
        var length = await socket.ReceiveAsync(answer);
        return long.Parse(Encoding.ASCII.GetString(answer, 0, length), CultureInfo.InvariantCulture);
    }

    private sealed class Registrations(IReadOnlyList<PosixSignalRegistration> all) : IDisposable
    {
        public void Dispose()
        {
            foreach (var one in all)
            {
                one.Dispose();
            }
        }
    }
}
