using BackendGuide.Eventing.Consuming;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests;

/// <summary>Databases and a virtual host for a producer and a consumer, and the instances that a test starts on them.</summary>
internal sealed class TwoServices(string producerDatabase, string consumerDatabase, string broker) : IAsyncDisposable
{
    /// <summary>The consumer's queue, and the exchange before it.</summary>
    public const string Queue = "consumer.things";

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

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
        Eventually.EqualAsync(
            count,
            () => consumer.CountAsync("handled", cancellationToken),
            Deadline,
            "events handled",
            cancellationToken
        );

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
