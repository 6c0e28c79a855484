using System.Diagnostics;
using System.Text;

namespace BackendGuide.NativeHosting.Processes;

/// <summary>
/// A helper program that runs to its end: initdb, apt-get, a probe. It is asked to end, with all that it started, when its caller no
/// longer wants it, so that it can put back what it changed.
/// </summary>
internal static class Command
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Runs it with a closed input.</summary>
    /// <returns>Its exit code, and what it said on both outputs. 127 when there is no such program.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null,
        Action<string>? onLine = null
    )
    {
        if (!File.Exists(program) && Detached.FindOnPath(program) is null)
        {
            return (127, $"{program}: not found");
        }
        var start = Detached.StartInfo(program, arguments);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = "/";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new NativeHostingException($"{program} could not be started.");
        process.StandardInput.Close();
        var output = new StringBuilder();
        try
        {
            await Task.WhenAll(
                ReadAsync(process.StandardOutput, output, onLine, cancellationToken),
                ReadAsync(process.StandardError, output, onLine, cancellationToken)
            );
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Posix.SendToGroup(process.Id, Signal.Terminate);
            await Task.WhenAny(process.WaitForExitAsync(CancellationToken.None), Task.Delay(Patience, CancellationToken.None));
            Posix.SendToGroup(process.Id, Signal.Kill);
            throw;
        }
        return (process.ExitCode, output.ToString().Trim());
    }

    private static async Task ReadAsync(
        StreamReader reader,
        StringBuilder output,
        Action<string>? onLine,
        CancellationToken cancellationToken
    )
    {
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            onLine?.Invoke(line);
            lock (output)
            {
                output.AppendLine(line);
            }
        }
    }
}
