using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using MassTransit;
using RabbitMQ.Client;

namespace BackendGuide.Eventing.Bus;

/// <summary>The exchanges and queues: one topic exchange for all events; for each consumer a quorum queue and its dead-letter queue.</summary>
internal static class BusTopology
{
    /// <summary>The public exchange; the routing key is the event's type.</summary>
    public const string EventsExchange = "backendguide.events";

    private const int PrefetchCount = 32;

    // A backstop only: on RabbitMQ 3.10 each lost connection counts as a delivery of every message in flight.
    private const int DeliveryLimit = 100;

    public static void ConfigurePublishing(IRabbitMqBusFactoryConfigurator bus)
    {
        var serializer = new CloudEventSerializer();
        bus.AddSerializer(serializer);
        bus.AddDeserializer(serializer, isDefault: true);
        bus.Message<CloudEvent>(message => message.SetEntityName(EventsExchange));
        bus.Publish<CloudEvent>(publish => publish.ExchangeType = ExchangeType.Topic);
        bus.Send<CloudEvent>(send => send.UseRoutingKeyFormatter(context => context.Message.Type));
    }

    public static void ConfigureConsumer(
        IRabbitMqBusFactoryConfigurator bus,
        IRegistrationContext services,
        string consumer,
        EventHandlers handlers
    ) =>
        bus.ReceiveEndpoint(
            consumer,
            endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                foreach (var eventType in handlers.Types)
                {
                    endpoint.Bind(
                        EventsExchange,
                        binding =>
                        {
                            binding.ExchangeType = ExchangeType.Topic;
                            binding.RoutingKey = eventType;
                        }
                    );
                }
                endpoint.SetQuorumQueue();
                endpoint.SetQueueArgument("x-delivery-limit", DeliveryLimit);
                endpoint.SetQueueArgument("x-dead-letter-strategy", "at-least-once");
                endpoint.SetQueueArgument("x-overflow", "reject-publish");
                endpoint.BindDeadLetterQueue(
                    $"{consumer}.dead",
                    $"{consumer}.dead",
                    dead => dead.SetQueueArgument("x-queue-type", "quorum")
                );
                endpoint.PrefetchCount = PrefetchCount;
                endpoint.ConcurrentMessageLimit = 1; // the broker's order is kept, so that the guard seldom has to refuse
                endpoint.PublishFaults = false;
                endpoint.RethrowFaultedMessages();
                endpoint.ThrowOnSkippedMessages();
                endpoint.ConfigureConsumer<CloudEventConsumer>(services);
            }
        );
}
