using System.Diagnostics;

namespace BackendGuide.NativeHosting.Processes;

/// <summary>
/// A shell that outlives this process for as long as it takes to end what this process left running. It holds the reading end of
/// a pipe whose only writers are those it works for, so that it hears of any death, SIGKILL included. (A parent-death signal would not
/// do: it follows the thread that started the child, and thread-pool threads come and go.)
/// </summary>
internal sealed class Watchdog : IAsyncDisposable
{
    // Each watched process leads a session of its own, so its number is also its group's. First the signal that lets it end well
    // (an immediate shutdown for PostgreSQL, whose backends are in sessions of their own and follow their postmaster), then SIGKILL.
    // "kill -s KILL -- -123" is the spelling for a group that dash and bash share.
    private const string Script = """
        exec >/dev/null 2>&1
        trap '' INT TERM HUP QUIT PIPE
        [ -z "$1" ] || exec < "$1"
        watched= rubbish=
        while read -r verb what signal; do
          case $verb in
            watch) watched="$watched $what:$signal" ;;
            forget)
              kept=
              for entry in $watched; do [ "${entry%%:*}" = "$what" ] || kept="$kept $entry"; done
              watched=$kept ;;
            remove) rubbish="$rubbish $what" ;;
            answer) : > "$what" ;;
          esac
        done
        for entry in $watched; do kill -s "${entry#*:}" "${entry%%:*}"; done
        for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
          alive=
          for entry in $watched; do kill -s 0 -- "-${entry%%:*}" && alive=yes; done
          [ -n "$alive" ] || break
          sleep 0.2
        done
        for entry in $watched; do kill -s KILL -- "-${entry%%:*}"; done
        for folder in $rubbish; do rm -rf "$folder"; done
        """;

    private readonly Lock gate = new();
    private readonly Dictionary<int, Signal> watched = [];
    private readonly string? pipe;
    private Process shell;
    private StreamWriter input;
    private bool disposed;

    public int ProcessId => shell.Id;

    /// <summary>A watchdog for this process alone.</summary>
    public Watchdog()
        : this(null) { }

    private Watchdog(string? pipe)
    {
        this.pipe = pipe;
        (shell, input) = Start();
    }

    /// <summary>
    /// A watchdog for every process that has opened the named pipe <paramref name="pipe"/>: it acts when the last one of them is gone.
    /// </summary>
    public static Watchdog Shared(string pipe) => new(pipe);

    /// <summary>Opens a shared watchdog's pipe: from now on it works for this process, too, until the writer is closed.</summary>
    public static StreamWriter Join(string pipe) =>
        // For reading, too, though nothing is read: a pipe opened for writing alone would block until somebody reads.
        new(new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0)) { AutoFlush = true };

    /// <summary>From now on <paramref name="processId"/> and its group end when this process does, whatever its end.</summary>
    public void Watch(int processId, Signal signal)
    {
        lock (gate)
        {
            watched[processId] = signal;
            Tell(Line(processId, signal));
        }
    }

    public void Forget(int processId)
    {
        lock (gate)
        {
            if (watched.Remove(processId))
            {
                Tell($"forget {processId}");
            }
        }
    }

    /// <summary>Has a folder removed at the end. Its path must not have a space.</summary>
    public void RemoveAtEnd(string folder)
    {
        lock (gate)
        {
            Tell($"remove {folder}");
        }
    }

    /// <summary>Ends this process's part; a private watchdog ends with it, for what it watched has been stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }
            disposed = true;
            input.Dispose();
        }
        if (pipe is null)
        {
            await shell.WaitForExitAsync();
        }
        shell.Dispose();
    }

    private static string Line(int processId, Signal signal) => $"watch {processId} {(signal == Signal.Quit ? "QUIT" : "TERM")}";

    private void Tell(string line)
    {
        if (disposed)
        {
            return;
        }
        try
        {
            input.WriteLine(line);
        }
        catch (IOException)
        {
            // Somebody killed the shell: another one takes over all that is watched.
            shell.Dispose();
            (shell, input) = Start();
            foreach (var (processId, signal) in watched)
            {
                input.WriteLine(Line(processId, signal));
            }
        }
    }

    private (Process Shell, StreamWriter Input) Start()
    {
        var start = Detached.StartInfo("/bin/sh", ["-c", Script, "sh", pipe ?? ""]);
        start.RedirectStandardInput = true;
        start.WorkingDirectory = "/";
        var started = Process.Start(start) ?? throw new NativeHostingException("The watchdog shell could not be started.");
        started.StandardInput.AutoFlush = true;
        return (started, pipe is null ? started.StandardInput : Join(pipe));
    }
}
