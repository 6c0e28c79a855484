using System.Diagnostics;

namespace BackendGuide.NativeHosting.Processes;

/// <summary>A child in a session of its own, watched from before its first instruction, with its output given away line by line.</summary>
internal sealed class ManagedProcess : IAsyncDisposable
{
    // The program starts only when it is told to, which is after the watchdog knows it; without this, a child born in the moment of
    // this process's death would be nobody's.
    // The environment comes by the same pipe, through env(1): a POSIX shell drops variables whose names it cannot have itself, such as
    // ConnectionStrings__content-db, and on a command line the passwords in them would be there for all to see.
    private const string WaitForGo =
        "while IFS= read -r line; do [ \"$line\" = go ] && exec env \"$@\" </dev/null; set -- \"$line\" \"$@\"; done; exit 125";

    // Its output outlives this process: it goes to a file, not through here.
    private const string WaitForGoToFile = "log=$1; shift; exec >>\"$log\" 2>&1; " + WaitForGo;

    private readonly Process process;
    private readonly ProcessSpec spec;
    private readonly Watchdog watchdog;
    private readonly Task reading;
    private bool disposed;

    private ManagedProcess(Process process, ProcessSpec spec, Watchdog watchdog, Action<string> output)
    {
        this.process = process;
        this.spec = spec;
        this.watchdog = watchdog;
        Id = process.Id;
        reading = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, output));
        Exited = WaitAsync();
    }

    /// <summary>The process's number, which is told even after its end.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit code, 128 + n after signal n.</summary>
    public Task<int> Exited { get; }

    public static ManagedProcess Start(ProcessSpec spec, Watchdog watchdog, Action<string> output)
    {
        string[] command = spec.OutputFile is { } file ? [WaitForGoToFile, "sh", file] : [WaitForGo, "sh"];
        var start = Detached.StartInfo("/bin/sh", ["-c", .. command, spec.Program, .. spec.Arguments]);
        start.WorkingDirectory = spec.WorkingDirectory;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (var (name, value) in spec.Environment)
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
        }

        var process = Process.Start(start) ?? throw new NativeHostingException($"{spec.Program} could not be started.");
        watchdog.Watch(process.Id, spec.OrphanSignal);
        var managed = new ManagedProcess(process, spec, watchdog, output);
        managed.Go();
        return managed;
    }

    /// <summary>Asks it to end and, after <paramref name="patience"/>, ends its whole group.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (disposed)
        {
            // By now the number may be another's.
            return;
        }
        if (!Exited.IsCompleted)
        {
            Posix.Send(Id, spec.StopSignal);
            await Task.WhenAny(Exited, Task.Delay(patience));
        }
        Posix.SendToGroup(Id, Signal.Kill);
        await Exited;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        disposed = true;
        // What it left in its group is gone by now; a grandchild in a group of its own may keep the pipe open, and is not waited for.
        await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(1)));
        process.Dispose();
    }

    private void Go()
    {
        try
        {
            foreach (var (name, value) in spec.Environment)
            {
                if (value is not null)
                {
                    process.StandardInput.WriteLine($"{name}={value.ReplaceLineEndings(" ")}");
                }
            }
            process.StandardInput.WriteLine("go");
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It was killed before its first instruction, and Exited says so.
            process.StandardInput.BaseStream.Dispose();
        }
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> output)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            output(line);
        }
    }

    private async Task<int> WaitAsync()
    {
        await process.WaitForExitAsync();
        watchdog.Forget(Id);
        return process.ExitCode;
    }
}
