using System.Diagnostics;
using System.Globalization;

namespace BackendGuide.Gateway.Bench;

/// <summary>What is asked for: the same of everybody who is compared.</summary>
/// <param name="Paths">A file with a path a line; they are asked for in turn.</param>
public sealed record Request(string Paths)
{
    /// <summary>Sent with each request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>A file with an ETag for each path, to be sent as <c>If-None-Match</c>.</summary>
    public string? Tags { get; init; }

    /// <summary>What is PUT, with <c>#</c> where each is to differ; null for a GET.</summary>
    public string? Body { get; init; }

    /// <summary>What each connection waits between two requests.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>How many connections ask.</summary>
    public int Connections { get; init; } = Load.Connections;
}

/// <summary>What one run of wrk saw.</summary>
/// <param name="Requests">Answers.</param>
/// <param name="Lasted">From the first request to the last answer.</param>
/// <param name="Bytes">Of all answers, with their headers.</param>
/// <param name="P50">Of an answer's time.</param>
/// <param name="P99">Of an answer's time.</param>
/// <param name="Errors">Connections that failed, answers of 400 and more, and what came too late.</param>
internal sealed record Seen(long Requests, TimeSpan Lasted, long Bytes, TimeSpan P50, TimeSpan P99, long Errors)
{
    public double PerSecond => Requests / Lasted.TotalSeconds;
}

/// <summary>Makes load with wrk, from one thread: the other core is for who answers.</summary>
internal static class Load
{
    public const int Connections = 32;

    private static readonly string s_script = Path.Combine(AppContext.BaseDirectory, "load.lua");
    private static int s_runs;

    public static async Task<Seen> RunAsync(Uri target, Request request, TimeSpan time)
    {
        var seconds = ((int)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        string[] arguments = ["-t1", $"-c{request.Connections}", $"-d{seconds}s", "--timeout", "10s", "-s", s_script, target.AbsoluteUri];
        var start = new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["BENCH_PATHS"] = request.Paths;
        start.Environment["BENCH_HEADERS"] = string.Join('\n', request.Headers.Select(header => $"{header.Key}: {header.Value}"));
        if (request.Tags is not null)
        {
            start.Environment["BENCH_TAGS"] = request.Tags;
        }
        if (request.Body is not null)
        {
            start.Environment["BENCH_BODY"] = request.Body;
            start.Environment["BENCH_MARK"] = $"{Environment.ProcessId}-{Interlocked.Increment(ref s_runs)}-";
        }
        if (request.Pause > TimeSpan.Zero)
        {
            start.Environment["BENCH_PAUSE"] = request.Pause.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        }
        using var wrk = Process.Start(start)!;
        var (said, failed) = (wrk.StandardOutput.ReadToEndAsync(), wrk.StandardError.ReadToEndAsync());
        await wrk.WaitForExitAsync();
        var figures = (await said).Split('\n').FirstOrDefault(line => line.StartsWith("FIGURES ", StringComparison.Ordinal));
        if (wrk.ExitCode != 0 || figures is null)
        {
            throw new InvalidOperationException($"wrk ended with {wrk.ExitCode}:\n{await said}\n{await failed}");
        }
        var numbers = figures.Split(' ')[1..].Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new Seen(numbers[0], Micro(numbers[1]), numbers[2], Micro(numbers[3]), Micro(numbers[4]), numbers[5]);
    }

    private static TimeSpan Micro(long microseconds) => TimeSpan.FromMicroseconds(microseconds);
}
