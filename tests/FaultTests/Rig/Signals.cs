using System.Diagnostics;

namespace BackendGuide.FaultTests.Rig;

/// <summary>Signals to processes that the system under test has listed as its own.</summary>
internal static class Signals
{
    public static Task KillAsync(int pid) => SendAsync("-KILL", pid);

    public static Task StopAsync(int pid) => SendAsync("-STOP", pid);

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
