using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Bench;

/// <summary>
/// How long a change takes to be seen: written through one gateway, and asked for at another one, which keeps its answers and hears of it as every
/// gateway does, while that one has readers.
/// </summary>
/// <remarks>
/// A run in which others took some of the cores (<see cref="Stolen"/>) is done again, whatever it said; what counts is the one in which they took least. Counted from the time that the change itself carries, which is before its commit.
/// </remarks>
internal static class Visibility
{
    private const int WritesPerSecond = 100;
    private const int ReadsPerSecond = 5_000;
    private const int Readers = 128;

    // Of the time between two requests of one reader: the rest is what an answer takes.
    private const double PauseShare = 0.9;

    private const int Technologies = 200;
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(BenchSystem system, Library library, Scale scale)
    {
        using var editor = system.CreateEditor(system.Gateway);
        using var reader = new HttpClient { BaseAddress = system.OtherGateway.Address };
        var technologies = (await File.ReadAllLinesAsync(library.Technologies))[..Math.Min(Technologies, scale.Guides)];
        foreach (var path in technologies)
        {
            await KeepAsync(editor, reader, path);
        }
        var request = new Request(library.Paths)
        {
            Connections = Readers,
            Pause = TimeSpan.FromSeconds((double)Readers / ReadsPerSecond * PauseShare),
        };
        if (scale.WarmUp > TimeSpan.Zero)
        {
            // What the runtime compiles anew while it learns what is used most is no part of what a change costs. At a hundred writes a second it takes its time.
            await MeasureAsync(system, editor, reader, technologies, request, scale.Visibility * 2);
        }
        var (least, taken) = await Stolen.LeastAsync(
            () => MeasureAsync(system, editor, reader, technologies, request, scale.Visibility),
            scale.MostRuns
        );
        var noise = taken > Stolen.Most ? $"what a change takes to be seen: others took {taken:P1} of the cores" : null;
        return [.. least.Select(figure => figure with { Noise = noise })];
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(
        BenchSystem system,
        HttpClient editor,
        HttpClient reader,
        string[] technologies,
        Request request,
        TimeSpan time
    )
    {
        var delays = new ConcurrentBag<double>();
        var readers = Load.RunAsync(system.OtherGateway.Address, request, time);
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / WritesPerSecond));
        var writes = new List<Task>();
        for (var i = 0; !readers.IsCompleted; i++)
        {
            writes.Add(WriteAndSeeAsync(editor, reader, technologies[i % technologies.Length], i, delays));
            await beat.WaitForNextTickAsync();
        }
        await Task.WhenAll(writes);
        var seen = await readers;
        if (seen.Errors > 0)
        {
            throw new InvalidOperationException($"{seen.Errors} of {seen.Requests} reads failed beside the writes");
        }
        return
        [
            new Figure("writes a second beside it", writes.Count / seen.Lasted.TotalSeconds, "/s", Least: 0.95 * WritesPerSecond),
            new Figure("reads a second beside it", seen.PerSecond, "/s", Least: 0.95 * ReadsPerSecond),
            new Figure("from a write to another gateway's answer, p50", Report.Percentile(delays, 0.5), "ms"),
            new Figure("from a write to another gateway's answer, p99", Report.Percentile(delays, 0.99), "ms", Most: 100),
        ];
    }

    // What the other gateway does not keep it would ask for, whatever it has heard.
    private static async Task KeepAsync(HttpClient editor, HttpClient reader, string path)
    {
        using var put = await editor.PutAsJsonAsync(
            path,
            new
            {
                name = "Kept",
                category = "Bench",
                summary = "Not yet changed",
            }
        );
        put.EnsureSuccessStatusCode();
        await Eventually.TrueAsync(
            async () =>
            {
                using var get = await reader.GetAsync(new Uri(path, UriKind.Relative));
                return get.Headers.TryGetValues("Cache-Status", out var status) && status.Single() == "backendguide; hit";
            },
            s_limit,
            $"{path} kept",
            CancellationToken.None
        );
    }

    private static async Task WriteAndSeeAsync(HttpClient editor, HttpClient reader, string path, int mark, ConcurrentBag<double> delays)
    {
        var body = new
        {
            name = "Seen",
            category = "Bench",
            summary = $"Change {mark} at {TimeProvider.System.GetTimestamp()}",
        };
        using var put = await editor.PutAsJsonAsync(path, body);
        put.EnsureSuccessStatusCode();
        var written = await ReadAsync(put);
        var deadline = written.At + s_limit;
        while (true)
        {
            using var get = await reader.GetAsync(new Uri(path, UriKind.Relative));
            var now = TimeProvider.System.GetUtcNow();
            if (get.IsSuccessStatusCode && TaggedVersion(get) >= written.Version)
            {
                Require((await ReadAsync(get)).Version >= written.Version, $"{path} is tagged with another version than it has");
                delays.Add((now - written.At).TotalMilliseconds);
                return;
            }
            Require(now <= deadline, $"{path} is not seen in version {written.Version} after {s_limit.TotalSeconds} s");
            await Task.Delay(s_between);
        }
    }

    // What is still as it was is not read for it: who looks takes his processor time from what he looks at.
    private static long TaggedVersion(HttpResponseMessage answer) =>
        answer.Headers.ETag is { } tag ? long.Parse(tag.Tag.AsSpan(1, tag.Tag.IndexOf('-', StringComparison.Ordinal) - 1), null) : 0;

    private static void Require(bool holds, string orElse)
    {
        if (!holds)
        {
            throw new InvalidOperationException(orElse);
        }
    }

    private static async Task<(long Version, DateTimeOffset At)> ReadAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (body.GetProperty("version").GetInt64(), body.GetProperty("updatedAt").GetDateTimeOffset());
    }
}
