using BackendGuide.Eventing.Consuming;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests;

/// <summary>Databases and a virtual host for a producer and a consumer, and the instances that a test starts on them.</summary>
internal sealed class TwoServices(string producerDatabase, string consumerDatabase, string broker) : IAsyncDisposable
{
    /// <summary>The consumer's queue, and the exchange before it.</summary>
    public const string Queue = "consumer.things";

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A consumer's settings with which it leaves alone what the broker does not bring: otherwise it would read that from the source's feed,
    /// and nobody would see what the relay, the broker or an early ack has lost.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> NothingFilled = new Dictionary<string, string> { ["HoleAge"] = "00:05:00" };

    private readonly List<EventingHost> _instances = [];

    public string Broker => broker;

    public string ProducerDatabase => producerDatabase;

    public string ConsumerDatabase => consumerDatabase;

    public static async Task<TwoServices> CreateAsync(ServersFixture servers, CancellationToken cancellationToken) =>
        new(
            await servers.CreateDatabaseAsync(cancellationToken),
            await servers.CreateDatabaseAsync(cancellationToken),
            await servers.CreateVirtualHostAsync(cancellationToken)
        );

    public async Task<EventingHost> StartProducerAsync(
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? settings = null
    ) => Keep(await EventingHost.StartProducerAsync(producerDatabase, broker, cancellationToken, settings));

    /// <summary>Starts the consumer, and waits until its queue takes events.</summary>
    public async Task<EventingHost> StartConsumerAsync(
        ServersFixture servers,
        CancellationToken cancellationToken,
        ApplyEvent<ThingChanged>? apply = null,
        IReadOnlyDictionary<string, string>? settings = null
    )
    {
        var consumer = Keep(
            await EventingHost.StartConsumerAsync(consumerDatabase, broker, Queue, producerDatabase, cancellationToken, apply, settings)
        );
        await using var client = await PlainClient.ConnectAsync(broker, servers, cancellationToken);
        await Eventually.TrueAsync(
            async () =>
            {
                var queues = await client.DescribeAsync("queues", "", cancellationToken);
                var bindings = await client.DescribeAsync("bindings", "", cancellationToken);
                return Has(queues, "name", Queue)
                    && Has(bindings, "routing_key", "backendguide.thing.#")
                    && Has(bindings, "destination", Queue);
            },
            Deadline,
            $"the queue {Queue}",
            cancellationToken
        );
        return consumer;
    }

    /// <summary>Waits until the consumer has committed this many calls of its handler.</summary>
    public static Task HandledAsync(EventingHost consumer, long count, CancellationToken cancellationToken) =>
        Eventually.CountedAsync(
            count,
            () => consumer.CountAsync("handled", cancellationToken),
            Deadline,
            "events handled",
            cancellationToken
        );

    /// <summary>Waits until the consumer has handled each event of the producer; nothing is written any more.</summary>
    public static async Task EverythingHandledAsync(
        NpgsqlDataSource producer,
        NpgsqlDataSource consumer,
        CancellationToken cancellationToken
    )
    {
        var head = await producer.ScalarAsync<long>("SELECT coalesce(max(pos), 0) FROM feed", cancellationToken);
        await Eventually.CountedAsync(
            head,
            () => consumer.ScalarAsync<long>("SELECT count(DISTINCT event_id) FROM handled", cancellationToken),
            Deadline,
            "events handled",
            cancellationToken
        );
        // That without a gap: an event that is overtaken for ever is lost, also where a newer version has mended the copy.
        await Eventually.CountedAsync(
            head,
            () => consumer.ScalarAsync<long>("SELECT contiguous_pos FROM source_progress", cancellationToken),
            Deadline,
            "the consumer's position",
            cancellationToken
        );
        Assert.Equal(head, await producer.ScalarAsync<long>("SELECT count(*) FROM event_log", cancellationToken));
    }

    /// <summary>What the consumer's copy has been through: nothing twice, no version after a newer one, nothing set aside.</summary>
    public static async Task NothingTwiceOrBackwardsAsync(NpgsqlDataSource consumer, CancellationToken cancellationToken)
    {
        const string Doubled = "SELECT count(*) FROM (SELECT FROM effect GROUP BY slug, version HAVING count(*) > 1) AS doubled";
        const string Backwards = """
            SELECT count(*) FROM (SELECT version - lag(version) OVER (PARTITION BY slug ORDER BY seq) AS step FROM effect) AS steps WHERE step <= 0
            """;
        Assert.Equal(0, await consumer.ScalarAsync<long>(Doubled, cancellationToken));
        Assert.Equal(0, await consumer.ScalarAsync<long>(Backwards, cancellationToken));
        Assert.Equal(0, await consumer.ScalarAsync<long>("SELECT count(*) FROM parked_event", cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }
        _instances.Clear();
    }

    /// <summary>Stops an instance before the others.</summary>
    public async Task StopAsync(EventingHost instance)
    {
        _instances.Remove(instance);
        await instance.DisposeAsync();
    }

    private static bool Has(System.Text.Json.JsonElement list, string property, string value) =>
        list.EnumerateArray().Any(item => item.GetProperty(property).GetString() == value);

    private EventingHost Keep(EventingHost instance)
    {
        _instances.Add(instance);
        return instance;
    }
}
