using System.Collections.Concurrent;
using System.Diagnostics;
using BackendGuide.Eventing.Tests;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Bench;

/// <summary>From the commit of a write to the moment that its effect is committed in the other service's copy, at a steady rate.</summary>
internal static class Delay
{
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(TestServers servers, Scale scale, int instances)
    {
        var producerDatabase = await servers.CreateDatabaseAsync(CancellationToken.None);
        var consumerDatabase = await servers.CreateDatabaseAsync(CancellationToken.None);
        var broker = await servers.CreateVirtualHostAsync(CancellationToken.None);
        var applied = new ConcurrentDictionary<string, long>();
        var consumers = new List<EventingHost>();
        var producers = new List<EventingHost>();
        try
        {
            for (var i = 0; i < instances; i++)
            {
                consumers.Add(
                    await EventingHost.StartConsumerAsync(
                        consumerDatabase,
                        broker,
                        "bench.things",
                        producerDatabase,
                        CancellationToken.None
                    )
                );
                producers.Add(await EventingHost.StartProducerAsync(producerDatabase, broker, CancellationToken.None));
            }
            using var done = new CancellationTokenSource();
            var watching = WatchAsync(consumers[0], applied, done.Token);
            var committed = await WriteAsync(producers, scale);
            var patience = Stopwatch.StartNew();
            while (applied.Count < committed.Count && patience.Elapsed < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(20);
            }
            await done.CancelAsync();
            await watching;
            // The first seconds are the start: queues that are declared, code that is compiled.
            var delays = committed
                .Skip(committed.Count / 5)
                .Where(write => applied.ContainsKey(write.Key))
                .Select(write => Stopwatch.GetElapsedTime(write.At, applied[write.Key]).TotalMilliseconds)
                .ToList();
            var of = $"{scale.WritesPerSecond} writes/s, {instances} instance{(instances == 1 ? "" : "s")} of each";
            return
            [
                new($"commit to applied p50, {of}", Report.Percentile(delays, 0.5), "ms"),
                new($"commit to applied p99, {of}", Report.Percentile(delays, 0.99), "ms", Bound: 100, AtLeast: false),
                new("  of these not applied", committed.Count - applied.Count, "events", Bound: 0, AtLeast: false),
            ];
        }
        finally
        {
            foreach (var host in producers.Concat(consumers))
            {
                await host.DisposeAsync();
            }
        }
    }

    /// <summary>Looks at the copy every few milliseconds: what is seen there is committed. The look's own pace makes the figures larger, never smaller.</summary>
    private static async Task WatchAsync(EventingHost consumer, ConcurrentDictionary<string, long> applied, CancellationToken stopping)
    {
        var seen = new Dictionary<string, long>();
        while (!stopping.IsCancellationRequested)
        {
            await using (var look = consumer.Database.CreateCommand("SELECT slug, version FROM thing_copy"))
            {
                await using var row = await look.ExecuteReaderAsync(CancellationToken.None);
                var now = Stopwatch.GetTimestamp();
                while (await row.ReadAsync(CancellationToken.None))
                {
                    var (slug, version) = (row.GetString(0), row.GetInt64(1));
                    for (var passed = seen.GetValueOrDefault(slug) + 1; passed <= version; passed++)
                    {
                        applied[$"{slug}@{passed}"] = now;
                    }
                    seen[slug] = version;
                }
            }
            await Task.Delay(TimeSpan.FromMilliseconds(2), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<List<(string Key, long At)>> WriteAsync(List<EventingHost> producers, Scale scale)
    {
        var ids = Enumerable.Range(0, 50).Select(_ => Guid.CreateVersion7()).ToArray();
        var committed = new ConcurrentQueue<(string, long)>();
        var writes = new List<Task>();
        var total = (int)(scale.Latency.TotalSeconds * scale.WritesPerSecond);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / scale.WritesPerSecond));
        for (var i = 0; i < total && await timer.WaitForNextTickAsync(); i++)
        {
            var (producer, id) = (producers[i % producers.Count], ids[i % ids.Length]);
            writes.Add(
                Task.Run(async () =>
                {
                    var version = await producer.SaveAsync(id, "next", CancellationToken.None);
                    committed.Enqueue(($"{Things.SlugOf(id)}@{version}", Stopwatch.GetTimestamp()));
                })
            );
        }
        await Task.WhenAll(writes);
        return [.. committed];
    }
}
