using System.Diagnostics;
using System.Threading.Channels;

namespace BackendGuide.Testing;

/// <summary>
/// <c>dotnet run --project src/AppHost</c> as a child that does not outlive this process, however this one ends: a shell between the two
/// holds a pipe, and asks the system to stop when the pipe is closed.
/// </summary>
internal sealed class SystemProcess : IDisposable
{
    // The system gets no input of its own: the pipe is the shell's. Its SIGTERM is what a service manager sends.
    private const string Shell = """
        exec 3<&0
        "$@" </dev/null 3<&- & run=$!
        { read -r _ <&3; kill -TERM $run; } >/dev/null 2>&1 & reader=$!
        wait $run; code=$?
        kill $reader 2>/dev/null
        exit $code
        """;

    private readonly Process _run;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public SystemProcess(IReadOnlyDictionary<string, string> environment)
    {
        _run = new Process
        {
            StartInfo = new ProcessStartInfo("/bin/sh")
            {
                ArgumentList =
                {
                    "-c",
                    Shell,
                    "sh",
                    "dotnet",
                    "run",
                    "--no-build",
                    "--configuration",
                    Checkout.BuiltAs,
                    "--project",
                    Path.Combine(Checkout.Root, "src", "AppHost"),
                },
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        foreach (var (name, value) in environment)
        {
            _run.StartInfo.Environment[name] = value;
        }
        _run.OutputDataReceived += (_, line) => Take(line.Data);
        _run.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    public void Start()
    {
        _run.Start();
        _run.BeginOutputReadLine();
        _run.BeginErrorReadLine();
    }

    /// <summary>What it prints, line by line, up to <see cref="Mute"/>.</summary>
    public IAsyncEnumerable<string> ReadLinesAsync(CancellationToken cancellationToken) => _lines.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Drops what it prints from now on: its logs are in its data folder, and nobody reads them here.</summary>
    public void Mute() => _lines.Writer.TryComplete();

    /// <summary>Asks it to stop, as SIGTERM does, and gives its exit code.</summary>
    /// <exception cref="OperationCanceledException">It did not stop within <paramref name="limit"/>.</exception>
    public async Task<int> StopAsync(TimeSpan limit)
    {
        _run.StandardInput.Close();
        using var deadline = new CancellationTokenSource(limit);
        await _run.WaitForExitAsync(deadline.Token);
        return _run.ExitCode;
    }

    public void Dispose() => _run.Dispose();

    private void Take(string? line)
    {
        if (line is not null)
        {
            _lines.Writer.TryWrite(line);
        }
    }
}
