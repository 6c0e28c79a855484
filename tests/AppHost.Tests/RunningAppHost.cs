using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.AppHost.Tests;

/// <summary>The AppHost as a user runs it: <c>dotnet run --project src/AppHost</c>.</summary>
internal sealed class RunningAppHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Process run;
    private readonly List<string> lines = [];
    private readonly Dictionary<string, string> environment;

    private RunningAppHost(string[] arguments, Dictionary<string, string> environment)
    {
        this.environment = environment;
        var start = new ProcessStartInfo(
            "dotnet",
            ["run", "--no-build", "--configuration", Engine.Configuration, "--project", Engine.AppHostDirectory, "--", .. arguments]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        run = Process.Start(start)!;
        run.StandardInput.Close();
        run.OutputDataReceived += (_, line) => Take(line.Data);
        run.ErrorDataReceived += (_, line) => Take(line.Data);
        run.BeginOutputReadLine();
        run.BeginErrorReadLine();
    }

    public int ProcessId => run.Id;

    public string Output
    {
        get
        {
            lock (lines)
            {
                return string.Join('\n', lines);
            }
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static RunningAppHost Start(LocalFolder folder, int port, params (string Name, string Value)[] environment) =>
        new(
            [],
            new[]
            {
                (LocalFolder.Variable, folder.Path),
                (CommandLine.EngineVariable, Engine.Native),
                ("Gateway__Port", port.ToString(CultureInfo.InvariantCulture)),
            }
                .Concat(environment)
                .ToDictionary()
        );

    public static RunningAppHost Run(LocalFolder folder, params string[] arguments) =>
        new(arguments, new() { [LocalFolder.Variable] = folder.Path });

    public Task ReadyAsync() =>
        Eventually.TrueAsync(
            () =>
                run.HasExited
                    ? throw new InvalidOperationException($"It ended with exit code {run.ExitCode}:\n{Output}")
                    : Task.FromResult(Output.Contains("BackendGuide is ready: ", StringComparison.Ordinal)),
            Patience,
            "the system is ready",
            Cancellation
        );

    public async Task<int> ExitCodeAsync()
    {
        await run.WaitForExitAsync(Cancellation).WaitAsync(Patience, Cancellation);
        return run.ExitCode;
    }

    public async Task<JsonElement[]> ResourcesAsync()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(environment[LocalFolder.Variable], "resources.json"), Cancellation);
        return [.. JsonDocument.Parse(text).RootElement.GetProperty("resources").EnumerateArray()];
    }

    public async Task<int> ProcessIdOfAsync(string resource) =>
        (await ResourcesAsync()).Single(entry => entry.GetProperty("name").GetString() == resource).GetProperty("pid").GetInt32();

    /// <summary>It and all that it started, however far down.</summary>
    public async Task<int[]> FamilyAsync()
    {
        var all = await ProcessesAsync();
        var family = new List<int> { ProcessId };
        for (var index = 0; index < family.Count; index++)
        {
            family.AddRange(all.Where(process => process.Parent == family[index]).Select(process => process.Id));
        }
        return [.. family];
    }

    public static async Task SignalAsync(string signal, params int[] processIds)
    {
        using var kill = Process.Start("kill", ["-s", signal, .. processIds.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        await kill.WaitForExitAsync(Cancellation);
    }

    public static Task GoneAsync(int[] family, TimeSpan deadline) =>
        Eventually.EqualAsync(
            "",
            async () => string.Join(' ', (await ProcessesAsync()).Select(process => process.Id).Intersect(family)),
            deadline,
            "no process is left",
            Cancellation
        );

    public async ValueTask DisposeAsync()
    {
        if (!run.HasExited)
        {
            await SignalAsync("TERM", ProcessId);
            await ExitCodeAsync();
        }
        run.Dispose();
    }

    // Without those that are dead and that nobody has waited for.
    private static async Task<(int Id, int Parent)[]> ProcessesAsync()
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-eo", "pid=,ppid=,stat="]) { RedirectStandardOutput = true })!;
        var output = await ps.StandardOutput.ReadToEndAsync(Cancellation);
        return
        [
            .. output
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(columns => !columns[2].StartsWith('Z'))
                .Select(columns =>
                    (int.Parse(columns[0], CultureInfo.InvariantCulture), int.Parse(columns[1], CultureInfo.InvariantCulture))
                ),
        ];
    }

    private void Take(string? line)
    {
        if (line is not null)
        {
            lock (lines)
            {
                lines.Add(line);
            }
        }
    }
}
