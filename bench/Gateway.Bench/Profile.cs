using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace BackendGuide.Gateway.Bench;

/// <summary>Where a process spends its processor time under load, by method: sampled with dotnet-trace.</summary>
internal static class Profile
{
    private const int Seconds = 8;
    private const int Most = 40;
    private const int MostExplained = 8;
    private const int WaysEach = 4;
    private const int WayLength = 8;

    // Of a sampled stack: what runs managed code ends in this frame, what waits or is in the runtime or the kernel ends in another.
    private const string Running = "CPU_TIME";

    // What a thread does that has something to do: the others of them wait.
    private static readonly string[] s_working = ["ThreadPoolWorkQueue.Dispatch", "ExporterProc"];

    /// <summary>Profiles what the gateway keeps, what it does not, and a write.</summary>
    public static async Task PrintAsync(BenchSystem system, Library library, string? only)
    {
        var read = new Request(library.Paths);
        var write = Requests.Write(system, library);
        (string Name, string What, MeasuredProcess Asked, MeasuredProcess Watched, Request Request)[] all =
        [
            ("hits", "gateway, a kept guide", system.Gateway, system.Gateway, read),
            ("service", "content, an answer from memory", system.Content, system.Content, read),
            ("writes", "gateway, a write", system.Gateway, system.Gateway, write),
            ("writes", "content, a write", system.Gateway, system.Content, write),
        ];
        foreach (var one in all.Where(one => only is null || one.Name == only))
        {
            await PrintAsync(one.What, one.Asked, one.Watched, one.Request, system.Folder);
        }
        if (only is null or "misses")
        {
            await using var forgetful = await system.StartForgetfulGatewayAsync();
            await PrintAsync("gateway, a guide that it does not keep", forgetful, forgetful, read, system.Folder);
        }
    }

    private static async Task PrintAsync(string what, MeasuredProcess asked, MeasuredProcess watched, Request request, string folder)
    {
        await Load.RunAsync(asked.Address, request, TimeSpan.FromSeconds(Seconds)); // as it is when it has been at it for a while
        var load = Load.RunAsync(asked.Address, request, TimeSpan.FromSeconds(Seconds + 4));
        var trace = Path.Combine(folder, $"{Guid.NewGuid():N}.nettrace");
        await RunAsync(
            "collect",
            "--process-id",
            watched.Id.ToString(CultureInfo.InvariantCulture),
            "--profile",
            "dotnet-sampled-thread-time",
            "--duration",
            $"00:00:{Seconds:00}",
            "--output",
            trace
        );
        await load;
        var stacks = Path.ChangeExtension(trace, ".speedscope.json");
        await RunAsync("convert", trace, "--format", "Speedscope");
        Print(what, await File.ReadAllBytesAsync(stacks));
    }

    private static void Print(string what, byte[] speedscope)
    {
        using var document = JsonDocument.Parse(speedscope);
        var names = document.RootElement.GetProperty("shared").GetProperty("frames").EnumerateArray().Select(NameOf).ToArray();
        var (own, with) = (new Dictionary<string, double>(), new Dictionary<string, double>());
        var ways = new Dictionary<(string Method, string Way), double>();
        var total = 0.0;
        foreach (var thread in document.RootElement.GetProperty("profiles").EnumerateArray())
        {
            var (stack, last) = (new List<string>(), 0.0);
            foreach (var change in thread.GetProperty("events").EnumerateArray())
            {
                var at = change.GetProperty("at").GetDouble();
                if (stack is [.., var method, Running] && stack.Any(frame => s_working.Any(frame.EndsWith)))
                {
                    total += at - last;
                    own[method] = own.GetValueOrDefault(method) + at - last;
                    var way = (method, string.Join(" < ", stack.SkipLast(2).Reverse().Take(WayLength).Select(ShortNameOf)));
                    ways[way] = ways.GetValueOrDefault(way) + at - last;
                    foreach (var frame in stack.Distinct())
                    {
                        with[frame] = with.GetValueOrDefault(frame) + at - last;
                    }
                }
                last = at;
                if (change.GetProperty("type").GetString() == "O")
                {
                    stack.Add(names[change.GetProperty("frame").GetInt32()]);
                }
                else
                {
                    stack.RemoveAt(stack.Count - 1);
                }
            }
        }
        Console.WriteLine($"{what}: of the time in managed code, by itself");
        PrintMost(own, total);
        Console.WriteLine($"{what}: how the most expensive of them are come to");
        foreach (var method in own.OrderByDescending(time => time.Value).Take(MostExplained))
        {
            PrintMost(
                ways.Where(way => way.Key.Method == method.Key)
                    .OrderByDescending(way => way.Value)
                    .Take(WaysEach)
                    .ToDictionary(way => $"{ShortNameOf(way.Key.Method)} < {way.Key.Way}", way => way.Value),
                total
            );
        }
        Console.WriteLine($"{what}: of the time in managed code, with what it calls");
        PrintMost(with, total);
    }

    private static void PrintMost(Dictionary<string, double> times, double total)
    {
        foreach (var (method, time) in times.OrderByDescending(time => time.Value).Take(Most))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {100 * time / total, 6:0.0} %  {method}"));
        }
    }

    // Without its parameters: overloads are one.
    private static string NameOf(JsonElement frame) => frame.GetProperty("name").GetString()!.Split('(')[0];

    // The type and the method, without the namespace.
    private static string ShortNameOf(string name) => string.Join('.', name.Split('!')[^1].Split('.').TakeLast(2));

    private static async Task RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["dotnet-trace", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var trace = Process.Start(start)!;
        var (said, failed) = (trace.StandardOutput.ReadToEndAsync(), trace.StandardError.ReadToEndAsync());
        await trace.WaitForExitAsync();
        if (trace.ExitCode != 0)
        {
            throw new InvalidOperationException($"dotnet-trace {arguments[0]} ended with {trace.ExitCode}:\n{await said}\n{await failed}");
        }
    }
}
