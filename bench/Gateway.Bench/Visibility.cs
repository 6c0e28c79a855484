using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;

namespace BackendGuide.Gateway.Bench;

/// <summary>
/// How long a change takes to be seen: written through one gateway, and asked for at another one, which keeps its answers and hears of it as every
/// gateway does, while that one has readers.
/// </summary>
/// <remarks>Counted from the time that the change itself carries, which is before its commit.</remarks>
internal static class Visibility
{
    private const int WritesPerSecond = 100;
    private const int ReadsPerSecond = 5_000;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(BenchSystem system, Library library, Scale scale)
    {
        using var editor = system.CreateEditor(system.Gateway);
        using var reader = new HttpClient { BaseAddress = system.OtherGateway.Address };
        var technologies = await File.ReadAllLinesAsync(library.Technologies);
        var delays = new ConcurrentBag<double>();
        var pause = TimeSpan.FromSeconds((double)Load.Connections / ReadsPerSecond);
        var readers = Load.RunAsync(system.OtherGateway.Address, new Request(library.Paths) { Pause = pause }, scale.Visibility);
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
            new Figure("writes a second beside it", writes.Count / seen.Lasted.TotalSeconds, "/s"),
            new Figure("reads a second beside it", seen.PerSecond, "/s"),
            new Figure("from a write to another gateway's answer, p50", Report.Percentile(delays, 0.5), "ms"),
            new Figure("from a write to another gateway's answer, p99", Report.Percentile(delays, 0.99), "ms", Most: 100),
        ];
    }

    private static async Task WriteAndSeeAsync(HttpClient editor, HttpClient reader, string path, int mark, ConcurrentBag<double> delays)
    {
        var body = new
        {
            name = "Seen",
            category = "Bench",
            summary = $"Change {mark}",
        };
        using var put = await editor.PutAsJsonAsync(path, body);
        put.EnsureSuccessStatusCode();
        var written = await ReadAsync(put);
        var deadline = written.At + s_limit;
        while (true)
        {
            using var get = await reader.GetAsync(new Uri(path, UriKind.Relative));
            var now = TimeProvider.System.GetUtcNow();
            if (get.IsSuccessStatusCode && (await ReadAsync(get)).Version >= written.Version)
            {
                delays.Add((now - written.At).TotalMilliseconds);
                return;
            }
            if (now > deadline)
            {
                throw new InvalidOperationException($"{path} is not seen in version {written.Version} after {s_limit.TotalSeconds} s");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(2));
        }
    }

    private static async Task<(long Version, DateTimeOffset At)> ReadAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (body.GetProperty("version").GetInt64(), body.GetProperty("updatedAt").GetDateTimeOffset());
    }
}
