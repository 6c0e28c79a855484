using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using BackendGuide.Testing;

namespace BackendGuide.Changes.Bench;

/// <summary>
/// The gateway's own program in a process of its own, so that what it takes is not mixed with what its readers take. It answers each line with
/// its managed and its resident bytes, and ends with its input.
/// </summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    public const string Argument = "--gateway";

    private const string Started = "started";

    private static readonly string s_settings = Path.ChangeExtension(Checkout.AssemblyOf("Gateway"), ".runtimeconfig.json");

    private readonly Process _process;

    private GatewayProcess(Process process) => _process = process;

    /// <summary>What it takes, after a collection.</summary>
    public readonly record struct Memory(long Managed, long Resident);

    public static async Task<GatewayProcess> StartAsync(IReadOnlyDictionary<string, string> environment)
    {
        // As the gateway itself is run: how its memory is collected is said in what it was built to.
        string[] arguments = ["exec", "--runtimeconfig", s_settings, typeof(GatewayProcess).Assembly.Location, Argument];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
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

    // Its log is not among its answers: it is set to say nothing.
    private async Task<string> NextAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The gateway ended.");
}
