using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>
/// The `dotnet run` that started this process. When it is killed it cannot pass that on, and whoever killed it wants all of it gone.
/// Any other parent, a shell or a service manager, may end before its children as it likes.
/// </summary>
internal sealed class ParentWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly int processId;

    private ParentWatch(int processId) => this.processId = processId;

    public static ParentWatch? Find()
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }
        var parent = Posix.ParentProcessId();
        return NameOf(parent) == "dotnet" ? new ParentWatch(parent) : null;
    }

    /// <returns>True when the parent has ended; false when <paramref name="cancellationToken"/> was first.</returns>
    public async Task<bool> EndedAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (Posix.ParentProcessId() != processId)
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        return false;
    }

    private static string? NameOf(int processId)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(processId);
            return process.ProcessName;
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            // It ended while it was looked at.
            return null;
        }
    }
}
