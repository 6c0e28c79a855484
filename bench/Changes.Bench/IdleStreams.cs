using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Testing;

namespace BackendGuide.Changes.Bench;

/// <summary>What streams cost while nothing happens: compared with one, for the first one makes the gateway follow.</summary>
internal static class IdleStreams
{
    private const double Megabyte = 1024 * 1024;

    // What was not written out yet, a session of PostgreSQL does once a second.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(FeedSystem system, Scale scale)
    {
        var end = await FindEndAsync(system);
        using var closed = new CancellationTokenSource();
        var events = 0;
        List<Task> streams = [await OpenAsync(system, end, () => Interlocked.Increment(ref events), closed.Token)];
        await Task.Delay(s_settling);
        var before = await system.Gateway.MeasureAsync();
        var queriesOfOne = await CountQueriesAsync(system, scale);
        while (streams.Count < scale.Streams)
        {
            streams.Add(await OpenAsync(system, end, () => Interlocked.Increment(ref events), closed.Token));
        }
        await Task.Delay(s_settling);
        var queriesOfAll = await CountQueriesAsync(system, scale);
        var after = await system.Gateway.MeasureAsync();

        // They are all there, and hear of what happens: once each.
        await system.Career.FillAsync(EventTypes.CareerPublished, scale.CareerEvents + 1, scale.CareerEvents + 1, 1);
        await Eventually.TrueAsync(
            () => Task.FromResult(Volatile.Read(ref events) >= scale.Streams),
            TimeSpan.FromSeconds(60),
            "every stream has the event",
            CancellationToken.None
        );
        await Task.Delay(s_settling);
        await closed.CancelAsync();
        await Task.WhenAll(streams);
        var more = scale.Streams - 1;
        return
        [
            new(
                $"resident memory that {more} more idle streams take",
                (after.Resident - before.Resident) / Megabyte,
                "MiB",
                100,
                AtLeast: false
            ),
            new("  managed memory of that", (after.Managed - before.Managed) / Megabyte, "MiB", 100, AtLeast: false),
            new($"transactions in {scale.Window.TotalSeconds} s with one stream", queriesOfOne, ""),
            new($"transactions in {scale.Window.TotalSeconds} s with {scale.Streams} streams", queriesOfAll, ""),
            // The two are counted at other times, and the looks are paced by a timer: so it is not exactly none.
            new("  more a stream", Math.Max(0, queriesOfAll - queriesOfOne) / (double)more, "", 0.1, AtLeast: false),
            new("streams that had one change not once", Math.Abs(scale.Streams - events), "", 0, AtLeast: false, IsJudgedAlways: true),
        ];
    }

    private static async Task<string> FindEndAsync(FeedSystem system)
    {
        // Past everything: a page of a type that did not happen goes on after 20,000 events at most.
        var next = "";
        while (true)
        {
            var path = $"/api/v1/changes?limit=1000&type={EventTypes.SalariesUpdated}{(next.Length == 0 ? "" : $"&after={next}")}";
            using var page = JsonDocument.Parse(await system.Client.GetByteArrayAsync(new Uri(path, UriKind.Relative)));
            var there = page.RootElement.GetProperty("next").GetString()!;
            if (there == next)
            {
                return there;
            }
            next = there;
        }
    }

    /// <returns>Once its first bytes have come: a task that reads it until it is cancelled.</returns>
    private static async Task<Task> OpenAsync(FeedSystem system, string after, Action heard, CancellationToken closed)
    {
        var path = new Uri($"/api/v1/changes/stream?after={after}", UriKind.Relative);
        var answer = await system.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, closed);
        answer.EnsureSuccessStatusCode();
        var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(closed));
        await lines.ReadLineAsync(closed);
        return ReadAsync(answer, lines, heard, closed);
    }

    private static async Task ReadAsync(HttpResponseMessage answer, StreamReader lines, Action heard, CancellationToken closed)
    {
        using (answer)
        using (lines)
        {
            try
            {
                while (await lines.ReadLineAsync(closed) is { } line)
                {
                    if (line.StartsWith("data:", StringComparison.Ordinal))
                    {
                        heard();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task<long> CountQueriesAsync(FeedSystem system, Scale scale)
    {
        var before = await ReadTransactionsAsync(system);
        await Task.Delay(scale.Window);
        return await ReadTransactionsAsync(system) - before;
    }

    private static async Task<long> ReadTransactionsAsync(FeedSystem system)
    {
        const string Sql = "SELECT sum(xact_commit + xact_rollback)::bigint FROM pg_stat_database WHERE datname = ANY ($1)";
        await using var ask = system.Statistics.CreateCommand(Sql);
        ask.Parameters.Add(new() { Value = system.Databases });
        return (long)(await ask.ExecuteScalarAsync())!;
    }
}
