using System.Diagnostics;

namespace BackendGuide.NativeHosting.Processes;

/// <summary>Starts a program in a session of its own, so that Ctrl-C on the terminal does not reach it before the ordered stop does.</summary>
internal static class Detached
{
    // macOS has no setsid(1), but it has perl. Both replace themselves by the program, so the process number stays.
    private static readonly string[] Prefix =
        FindOnPath("setsid") is { } setsid ? [setsid]
        : FindOnPath("perl") is { } perl ? [perl, "-MPOSIX", "-e", "POSIX::setsid(); exec { $ARGV[0] } @ARGV or exit 127"]
        : throw new NativeHostingException("The native engine needs setsid (util-linux) or perl on the PATH.");

    public static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Prefix[0]) { UseShellExecute = false };
        foreach (var argument in Prefix.Skip(1).Append(program).Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }
        return start;
    }

    public static string? FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(IsProgram);

    /// <summary>True for a file; a link that leads nowhere, as a removed package leaves behind, is none, though .NET says that it exists.</summary>
    public static bool IsProgram(string path) =>
        File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.Exists ?? true);
}
