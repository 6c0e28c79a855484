using System.Diagnostics;
using BackendGuide.Eventing.Tests;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Bench;

/// <summary>A backlog of committed events, from the start of the relay until the last one is applied in the other service's copy.</summary>
internal static class Drain
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(TestServers servers, Scale scale)
    {
        var producerDatabase = await servers.CreateDatabaseAsync(CancellationToken.None);
        var consumerDatabase = await servers.CreateDatabaseAsync(CancellationToken.None);
        var broker = await servers.CreateVirtualHostAsync(CancellationToken.None);
        await using var consumer = await EventingHost.StartConsumerAsync(
            consumerDatabase,
            broker,
            "bench.things",
            producerDatabase,
            CancellationToken.None
        );
        // The first one starts the relay and sees every queue in place; then it is stopped, and the backlog is written behind its back.
        await using (var first = await EventingHost.StartProducerAsync(producerDatabase, broker, CancellationToken.None))
        {
            await first.SaveAsync(Guid.CreateVersion7(), "first", CancellationToken.None);
            await WaitAsync(consumer, 1);
        }
        await WriteAsync(producerDatabase, scale.Backlog);

        var watch = Stopwatch.StartNew();
        await using var producer = await EventingHost.StartProducerAsync(producerDatabase, broker, CancellationToken.None);
        await WaitAsync(consumer, 1 + scale.Backlog);
        var seconds = watch.Elapsed.TotalSeconds;
        return
        [
            new($"backlog of {scale.Backlog} events drained, with the start", seconds, "s", Bound: 20, AtLeast: false),
            new("relay to applied projection, sustained", scale.Backlog / seconds, "events/s", Bound: 1_000),
        ];
    }

    private static async Task WriteAsync(string database, int count)
    {
        await using var connections = NpgsqlDataSource.Create(database);
        using var signal = new Relaying.RelaySignal();
        var log = new Log.EventLog(connections, signal, TimeProvider.System);
        var ids = Enumerable.Range(0, Math.Max(1, count / 10)).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var chunk in Enumerable.Range(0, count).Chunk(500))
        {
            await log.WriteAsync(
                async (transaction, token) =>
                {
                    foreach (var i in chunk)
                    {
                        await Things.SaveAsync(transaction, ids[i % ids.Length], $"Title {i}", token);
                    }
                    return 0;
                },
                CancellationToken.None
            );
        }
    }

    private static async Task WaitAsync(EventingHost consumer, long position)
    {
        var watch = Stopwatch.StartNew();
        while (
            await consumer.Database.ScalarAsync<long>(
                "SELECT coalesce(max(contiguous_pos), 0) FROM source_progress",
                CancellationToken.None
            ) < position
        )
        {
            if (watch.Elapsed > Patience)
            {
                throw new TimeoutException($"Position {position} was not applied within {Patience}.");
            }
            await Task.Delay(20);
        }
    }
}
