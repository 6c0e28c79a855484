using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace BackendGuide.Changes.Bench;

/// <summary>
/// The gateway's own program in a process of its own, so that what it takes is not mixed with what its readers take. It answers each line with
/// its managed and its resident bytes, and ends with its input.
/// </summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    public const string Argument = "--gateway";

    private const string Started = "started";

    private readonly Process _process;

    private GatewayProcess(Process process) => _process = process;

    /// <summary>What it takes, after a collection.</summary>
    public readonly record struct Memory(long Managed, long Resident);

    public static async Task<GatewayProcess> StartAsync(IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [.. HostArguments(), Argument])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        start.Environment["DOTNET_gcServer"] = "1"; // as the web SDK has it
        var started = new GatewayProcess(Process.Start(start)!);
        return await started.NextAsync() == Started ? started : throw new InvalidOperationException("The gateway did not start.");
    }

    public async Task<Memory> MeasureAsync()
    {
        await _process.StandardInput.WriteLineAsync("memory");
        await _process.StandardInput.FlushAsync();
        var numbers = (await NextAsync()).Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new Memory(numbers[0], numbers[1]);
    }

    /// <summary>What the child does.</summary>
    public static int Run()
    {
        new Thread(Answer) { IsBackground = true }.Start();
        Assembly.Load("Gateway").EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static void Answer()
    {
        Console.WriteLine(Started);
        while (Console.ReadLine() is not null)
        {
            var managed = GC.GetTotalMemory(forceFullCollection: true);
            using var self = Process.GetCurrentProcess();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{managed} {self.WorkingSet64}"));
        }
        Environment.Exit(0);
    }

    // `dotnet Changes.Bench.dll` or the executable itself.
    private static string[] HostArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(GatewayProcess).Assembly.Location] : [];

    // Its log is not among its answers: it is set to say nothing.
    private async Task<string> NextAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The gateway ended.");
}
