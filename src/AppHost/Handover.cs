using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BackendGuide.AppHost;

/// <summary>
/// From the native build to Aspire's: finds out whether its packages can be had, builds it, and becomes it. A network without them is
/// found out once, and remembered until the version changes.
/// </summary>
internal sealed partial class Handover(LocalFolder folder, Action<string> say, IReadOnlyDictionary<string, string> environment)
{
    // Aspire's SDK is a small package: where it does not come within this, the large ones will not, either.
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(10);

    private string MemoryFile => folder.In(Engine.Aspire, "no-handover.json");

    /// <summary>Decides what <c>auto</c> means here, and says why where it is not Aspire.</summary>
    public async Task<bool> IsPossibleAsync(CancellationToken cancellationToken)
    {
        if (!await ContainerEngine.AnswersAsync(cancellationToken))
        {
            say("No container engine answers: BackendGuide runs on this machine's own servers.");
            return false;
        }
        if (Recall() is { } remembered)
        {
            say($"BackendGuide runs on this machine's own servers: {remembered} (Found out before; --engine aspire tries again.)");
            return false;
        }
        say("A container engine answers: preparing Aspire.");
        if (await TryPrepareAsync(cancellationToken) is { } reason)
        {
            LocalFolder.Write(MemoryFile, JsonSerializer.Serialize(new Memory(Engine.AspireVersion, reason)));
            say($"BackendGuide runs on this machine's own servers: {reason}");
            return false;
        }
        return true;
    }

    /// <returns>Null when the Aspire build is there, else why not, as a sentence.</returns>
    public async Task<string?> TryPrepareAsync(CancellationToken cancellationToken)
    {
        string[] aspire = ["-p:UseAspire=true", $"-p:Configuration={Engine.Configuration}"];
        var probe = await RunDotnetAsync(
            ["msbuild", Engine.AppHostDirectory, .. aspire, "-getProperty:AspireHostingSDKVersion"],
            ProbeLimit,
            cancellationToken
        );
        if (probe.ExitCode != 0)
        {
            return $"Aspire {Engine.AspireVersion} cannot be restored ({probe.Reason}).";
        }
        string[] build = ["build", Engine.AppHostDirectory, .. aspire, "-v:quiet", "-nologo", "-clp:NoSummary"];
        var built = await RunDotnetAsync(build, BuildLimit, cancellationToken);
        return built.ExitCode == 0 ? null : $"the Aspire {Engine.AspireVersion} build failed ({built.Reason}).";
    }

    /// <summary>
    /// Becomes <c>dotnet run</c> of the Aspire build: the same process on Unix, so that console, signals and exit code are one. It returns
    /// only where the system cannot do that, with the exit code of a child.
    /// </summary>
    public int Become(string[] engineArguments)
    {
        if (File.Exists(MemoryFile))
        {
            File.Delete(MemoryFile);
        }
        string[] arguments =
        [
            "run",
            "--no-build",
            "--project",
            Engine.AppHostDirectory,
            "-p:UseAspire=true",
            "--configuration",
            Engine.Configuration,
            "--",
            "--engine",
            Engine.Aspire,
            .. engineArguments,
        ];
        if (!OperatingSystem.IsWindows())
        {
            // The system's own copy of the environment lacks what this process has set since.
            var variables = Settings.ReadEnvironment().Select(variable => $"{variable.Key}={variable.Value}");
            Execute(Dotnet, [Dotnet, .. arguments, null], [.. variables, null]);
            throw new LaunchException($"{Dotnet} could not be started (error {Marshal.GetLastPInvokeError()}).");
        }
        using var child =
            Process.Start(new ProcessStartInfo(Dotnet, arguments)) ?? throw new LaunchException($"{Dotnet} could not be started.");
        // Ctrl-C reaches the child by itself; this process must outlive it to pass on its exit code.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        child.WaitForExit();
        return child.ExitCode;
    }

    // The dotnet that runs this process: the one on the PATH may be another, or none.
    private static string Dotnet { get; } =
        Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")
        );

    private string? Recall()
    {
        if (!File.Exists(MemoryFile))
        {
            return null;
        }
        var memory = JsonSerializer.Deserialize<Memory>(File.ReadAllText(MemoryFile));
        return memory?.Version == Engine.AspireVersion ? memory.Reason : null;
    }

    private async Task<(int ExitCode, string Reason)> RunDotnetAsync(
        string[] arguments,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(Dotnet, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        // The engine's own life is short: a build server would outlive it.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        using var process = Process.Start(start) ?? throw new LaunchException($"{Dotnet} could not be started.");
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(bounded.Token);
            var errors = process.StandardError.ReadToEndAsync(bounded.Token);
            await process.WaitForExitAsync(bounded.Token);
            return (process.ExitCode, FirstError($"{await output}\n{await errors}"));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return (1, $"not within {limit.TotalSeconds:0} s");
        }
    }

    // NuGet's own words where there are any ("Unable to find package …", "Unable to load the service index …"), else the first error's.
    private static string FirstError(string output)
    {
        var found = NuGetError().Match(output) is { Success: true } precise ? precise : AnyError().Match(output);
        return found.Success ? found.Groups["text"].Value.Trim().TrimEnd('.') : "no reason was given";
    }

    [GeneratedRegex(@"(?<text>Unable to [^\r\n\[]+)")]
    private static partial Regex NuGetError();

    [GeneratedRegex(@"error( \w+)? ?: (?<text>[^\r\n\[]+)")]
    private static partial Regex AnyError();

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments, string?[] environment);

    private sealed record Memory(string Version, string Reason);
}
