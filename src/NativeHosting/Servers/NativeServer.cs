using BackendGuide.NativeHosting.Engine;
using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>
/// One server process of this machine, on 127.0.0.1 and ports of its own. It can be started again after it was stopped or died,
/// on the same data and the same ports. It ends with the process that started it, whatever that one's end.
/// </summary>
public abstract class NativeServer : IAsyncDisposable, ISupervised
{
    private readonly Watchdog watchdog;
    private readonly RotatingLog log;
    private ManagedProcess? process;

    internal NativeServer(NativeServerOptions options, Watchdog watchdog)
    {
        Options = options;
        this.watchdog = watchdog;
        log = new RotatingLog(options.LogFile);
    }

    /// <summary>The resource's name.</summary>
    public string Name => Options.Name;

    /// <summary><c>postgres</c>, <c>rabbitmq</c> or <c>redis</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>How a client reaches it, in the format that Aspire hands out for this kind.</summary>
    public abstract string ConnectionString { get; }

    /// <summary>The number of the server's process, for whoever wants to signal it; 0 while it was never started.</summary>
    public int ProcessId => process?.Id ?? 0;

    /// <summary>Completes with the exit code when the process that was last started has ended.</summary>
    public Task<int> Exited => process?.Exited ?? Task.FromResult(0);

    /// <summary>The last lines that the server wrote.</summary>
    public IReadOnlyList<string> LastLines => Tail.Lines;

    IReadOnlyList<string> ISupervised.Urls => [];

    internal NativeServerOptions Options { get; }

    internal OutputTail Tail { get; } = new();

    private protected Watchdog Watchdog => watchdog;

    private protected virtual TimeSpan StopPatience => TimeSpan.FromSeconds(4);

    /// <summary>Starts it and returns when it answers.</summary>
    /// <exception cref="NativeHostingException">It ended or did not answer in time; the message has its last lines.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => ((ISupervised)this).StartAsync(() => { }, cancellationToken);

    async Task ISupervised.StartAsync(Action started, CancellationToken cancellationToken)
    {
        if (process is { } previous)
        {
            await previous.DisposeAsync();
        }
        Folders.Private(Options.DataFolder);
        var spec = await PrepareAsync(cancellationToken) with { OutputFile = Options.Outlives ? Options.LogFile : null };
        process = ManagedProcess.Start(spec, watchdog, WriteLog);
        started();
        await Readiness.WaitAsync(Name, process.Exited, IsReadyAsync, Options.StartLimit, Tail, cancellationToken);
    }

    /// <summary>Asks it to end in order, and ends it after 4 s.</summary>
    public virtual async Task StopAsync()
    {
        if (process is { } running)
        {
            await running.StopAsync(StopPatience);
        }
    }

    /// <summary>Stops it and lets go of its log.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await StopAsync();
        if (process is { } running)
        {
            await running.DisposeAsync();
        }
        log.Dispose();
    }

    private protected void WriteLog(string line)
    {
        Tail.Add(line);
        log.WriteLine(line);
    }

    private protected abstract Task<ProcessSpec> PrepareAsync(CancellationToken cancellationToken);

    private protected abstract Task<bool> IsReadyAsync(CancellationToken cancellationToken);
}
