using System.Runtime.InteropServices;

namespace BackendGuide.NativeHosting.Processes;

/// <summary>The signals that the engine sends; the numbers are the same on Linux and macOS.</summary>
internal enum Signal
{
    None = 0,
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
}

/// <summary>What .NET has no words for: any signal but SIGKILL, process groups, and who the parent is.</summary>
internal static partial class Posix
{
    private const int PermissionDenied = 1;

    public static bool Send(int processId, Signal signal) => Kill(processId, (int)signal) == 0;

    /// <summary>Signals every process of the group that <paramref name="leader"/> leads.</summary>
    public static bool SendToGroup(int leader, Signal signal) => Kill(-leader, (int)signal) == 0;

    public static bool Exists(int processId) => Kill(processId, 0) == 0 || Marshal.GetLastPInvokeError() == PermissionDenied;

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentProcessId();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
