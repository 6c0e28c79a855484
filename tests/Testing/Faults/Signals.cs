using System.Diagnostics;

namespace BackendGuide.Testing.Faults;

/// <summary>Signals to processes that a test has started, or that the system under test has listed as its own.</summary>
public static class Signals
{
    /// <summary>SIGKILL: nothing is finished, nobody is told.</summary>
    public static Task KillAsync(int pid) => SendAsync("-KILL", pid);

    /// <summary>SIGTERM: it is asked to end, and may finish what it is about.</summary>
    public static Task TerminateAsync(int pid) => SendAsync("-TERM", pid);

    /// <summary>SIGSTOP: it is there and does nothing.</summary>
    public static Task StopAsync(int pid) => SendAsync("-STOP", pid);

    /// <summary>SIGCONT: it goes on as if no time had passed.</summary>
    public static Task ContinueAsync(int pid) => SendAsync("-CONT", pid);

    public static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false; // there is no such process
        }
    }

    private static async Task SendAsync(string signal, int pid)
    {
        using var kill = Process.Start("kill", [signal, pid.ToString(null, null)]);
        await kill.WaitForExitAsync(CancellationToken.None);
        if (kill.ExitCode != 0)
        {
            throw new InvalidOperationException($"kill {signal} {pid} ended with exit code {kill.ExitCode}.");
        }
    }
}
