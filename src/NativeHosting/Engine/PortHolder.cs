using System.Globalization;
using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>Who listens on a port, where the system tells.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <returns>Such as <c>nginx (process 4711)</c>; null where it cannot be known.</returns>
    public static async Task<string?> FindAsync(int port, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            string[] arguments = ["-nP", "-t", $"-iTCP:{port.ToString(CultureInfo.InvariantCulture)}", "-sTCP:LISTEN"];
            var (exitCode, output) = await Command.RunAsync("lsof", arguments, cancellationToken);
            return exitCode == 0 && int.TryParse(output.Split('\n')[0], out var holder) ? Describe(holder) : null;
        }
        var sockets = Tables.Where(File.Exists).SelectMany(table => SocketsIn(table, port)).ToHashSet();
        var found =
            sockets.Count == 0 ? null : Directory.GetDirectories("/proc").Select(ProcessOf).FirstOrDefault(id => Holds(id, sockets));
        return found is { } process ? Describe(process) : null;
    }

    // "sl local_address rem_address st …": the address is hexadecimal, and the tenth column is the socket's inode.
    private static IEnumerable<string> SocketsIn(string table, int port) =>
        File.ReadLines(table)
            .Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > 9 && columns[3] == Listening)
            .Where(columns => columns[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
            .Select(columns => $"socket:[{columns[9]}]");

    private static int? ProcessOf(string folder) => int.TryParse(Path.GetFileName(folder), out var id) ? id : null;

    private static bool Holds(int? processId, HashSet<string> sockets)
    {
        if (processId is null)
        {
            return false;
        }
        try
        {
            return Directory.GetFiles($"/proc/{processId}/fd").Any(file => sockets.Contains(new FileInfo(file).LinkTarget ?? ""));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is another user's.
            return false;
        }
    }

    private static string Describe(int processId)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(processId);
            return $"{process.ProcessName} (process {processId})";
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            return $"process {processId}";
        }
    }
}
