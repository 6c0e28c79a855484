using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using BackendGuide.FaultTests.Checking;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace BackendGuide.FaultTests.Rig;

/// <summary>
/// A client of the bus that knows of this system what its documentation says, and nothing else: a durable queue of its own on
/// <c>backendguide.events</c>. It notes each delivery before it acks it, and connects again by itself.
/// </summary>
internal sealed class EventProbe : IAsyncDisposable
{
    private const string Exchange = "backendguide.events";
    private const string Queue = "fault-test-probe";
    private const ushort Prefetch = 200;
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(250);

    private readonly ConnectionFactory _broker;
    private readonly ConcurrentQueue<Delivery> _deliveries = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly PeriodicTimer _pause = new(ReconnectPause);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;

    private EventProbe(string broker)
    {
        _broker = new ConnectionFactory
        {
            Uri = new Uri(broker),
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
            HandshakeContinuationTimeout = TimeSpan.FromSeconds(5),
            ContinuationTimeout = TimeSpan.FromSeconds(5),
        };
        _running = RunAsync(_stopping.Token);
    }

    /// <summary>What came, in the order in which it came.</summary>
    public IReadOnlyList<Delivery> Deliveries => [.. _deliveries];

    /// <summary>Starts it, and returns when its queue is bound.</summary>
    public static async Task<EventProbe> StartAsync(string broker, CancellationToken cancellationToken)
    {
        var probe = new EventProbe(broker);
        await probe._connected.Task.WaitAsync(cancellationToken);
        return probe;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _pause.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stopping);
                await _pause.WaitForNextTickAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return; // asked to
            }
            catch (Exception e) when (e is RabbitMQClientException or OperationCanceledException or IOException or TimeoutException)
            {
                await _pause.WaitForNextTickAsync(CancellationToken.None); // the broker is away: that is what it is here for
            }
        }
    }

    private async Task FollowAsync(CancellationToken stopping)
    {
        await using var connection = await _broker.CreateConnectionAsync(stopping);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stopping);
        var quorum = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, quorum, cancellationToken: stopping);
        await channel.QueueBindAsync(Queue, Exchange, "backendguide.#", cancellationToken: stopping);
        await channel.BasicQosAsync(0, Prefetch, global: false, stopping);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, _) => Task.FromResult(closed.TrySetResult());
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) => TakeAsync(channel, message);
        await channel.BasicConsumeAsync(Queue, autoAck: false, consumer, stopping);
        _connected.TrySetResult();
        await closed.Task.WaitAsync(stopping);
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
