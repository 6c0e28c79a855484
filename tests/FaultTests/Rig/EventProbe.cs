using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using BackendGuide.FaultTests.Checking;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BackendGuide.FaultTests.Rig;

/// <summary>
/// A client of the bus that knows of this system what its documentation says, and nothing else: a durable queue of its own on
/// <c>backendguide.events</c>. It notes each delivery before it acks it, and connects again by itself.
/// </summary>
internal sealed class EventProbe : ReconnectingProbe
{
    private const string Exchange = "backendguide.events";
    private const string Queue = "fault-test-probe";
    private const ushort Prefetch = 200;

    private readonly ConcurrentQueue<Delivery> _deliveries = [];

    private EventProbe(string broker)
        : base(broker) { }

    /// <summary>What came, in the order in which it came.</summary>
    public IReadOnlyList<Delivery> Deliveries => [.. _deliveries];

    /// <summary>Starts it, and returns when its queue is bound.</summary>
    public static Task<EventProbe> StartAsync(string broker, CancellationToken cancellationToken) =>
        StartAsync(new EventProbe(broker), cancellationToken);

    protected override async Task ConsumeAsync(IChannel channel, CancellationToken stopping)
    {
        var quorum = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, quorum, cancellationToken: stopping);
        await channel.QueueBindAsync(Queue, Exchange, "backendguide.#", cancellationToken: stopping);
        await channel.BasicQosAsync(0, Prefetch, global: false, stopping);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) => TakeAsync(channel, message);
        await channel.BasicConsumeAsync(Queue, autoAck: false, consumer, stopping);
    }

    private async Task TakeAsync(IChannel channel, BasicDeliverEventArgs message)
    {
        using var body = JsonDocument.Parse(message.Body);
        var cloudEvent = body.RootElement;
        _deliveries.Enqueue(
            new Delivery(
                cloudEvent.GetProperty("id").GetGuid(),
                cloudEvent.GetProperty("source").GetString()!,
                cloudEvent.GetProperty("subject").GetString()!,
                Number(cloudEvent, "sequence"),
                Number(cloudEvent, "position"),
                cloudEvent.GetProperty("epoch").GetGuid(),
                message.Redelivered
            )
        );
        await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
    }

    private static long Number(JsonElement cloudEvent, string property) =>
        long.Parse(cloudEvent.GetProperty(property).GetString()!, CultureInfo.InvariantCulture);
}
