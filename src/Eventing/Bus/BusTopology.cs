using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using MassTransit;
using RabbitMQ.Client;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// The exchanges and queues: one topic exchange for all events; for each consumer a quorum queue and its dead-letter queue. MassTransit
/// declares them when it connects, and the <see cref="TopologyAudit"/> again and again: both from here.
/// </summary>
internal static class BusTopology
{
    /// <summary>The public exchange; the routing key is the event's type.</summary>
    public const string EventsExchange = "backendguide.events";

    // A backstop only: on RabbitMQ 3.10 each lost connection counts as a delivery of every message in flight.
    private const int DeliveryLimit = 100;

    // Without it a half-open connection is noticed only when the operating system gives up, many minutes later.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>The queue of what a consumer could not take, and the exchange before it.</summary>
    public static string DeadLetterQueue(string consumer) => $"{consumer}.dead";

    /// <summary>What a consumer's queue is declared with.</summary>
    public static IReadOnlyDictionary<string, object> QueueArguments(string consumer) =>
        new Dictionary<string, object>
        {
            ["x-queue-type"] = "quorum",
            ["x-delivery-limit"] = DeliveryLimit,
            ["x-dead-letter-exchange"] = DeadLetterQueue(consumer),
            ["x-dead-letter-strategy"] = "at-least-once",
            ["x-overflow"] = "reject-publish",
        };

    public static void ConfigureHost(IRabbitMqBusFactoryConfigurator bus, Uri broker, EventingOptions options)
    {
        bus.Host(broker, host => host.Heartbeat(Heartbeat));
        var serializer = new CloudEventSerializer(options.MaxEventBytes);
        bus.AddSerializer(serializer);
        bus.AddDeserializer(serializer, isDefault: true);
    }

    public static void ConfigurePublishing(IRabbitMqBusFactoryConfigurator bus)
    {
        bus.Message<CloudEvent>(message => message.SetEntityName(EventsExchange));
        bus.Publish<CloudEvent>(publish => publish.ExchangeType = ExchangeType.Topic);
        bus.Send<CloudEvent>(send => send.UseRoutingKeyFormatter(context => context.Message.Type));
    }

    public static void ConfigureConsumer(
        IRabbitMqReceiveEndpointConfigurator endpoint,
        IRegistrationContext services,
        string consumer,
        EventHandlers handlers,
        EventingOptions options
    )
    {
        endpoint.ConfigureConsumeTopology = false;
        foreach (var pattern in handlers.Bindings)
        {
            endpoint.Bind(
                EventsExchange,
                binding =>
                {
                    binding.ExchangeType = ExchangeType.Topic;
                    binding.RoutingKey = pattern;
                }
            );
        }
        endpoint.SetQuorumQueue();
        foreach (var (name, value) in QueueArguments(consumer))
        {
            endpoint.SetQueueArgument(name, value);
        }
        endpoint.BindDeadLetterQueue(
            DeadLetterQueue(consumer),
            DeadLetterQueue(consumer),
            dead => dead.SetQueueArgument("x-queue-type", "quorum")
        );
        endpoint.PrefetchCount = options.Prefetch;
        endpoint.ConcurrentMessageLimit = options.Prefetch; // the inbox gathers them into one commit, in their order
        endpoint.PublishFaults = false;
        endpoint.RethrowFaultedMessages();
        endpoint.ThrowOnSkippedMessages();
        endpoint.ConfigureConsumer<CloudEventConsumer>(services);
    }
}
