using System.Diagnostics;
using System.Text;
using BackendGuide.Contracts;
using MassTransit;
using MassTransit.Transports;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// The bus that the relay publishes on: a connection of its own, for a broker that is short of memory or disk stops reading from
/// whoever publishes, and must not stop hearing the consumer's acks.
/// </summary>
public interface IRelayBus : IBus;

/// <summary>How a publish ended.</summary>
internal enum Published
{
    /// <summary>The broker says that it is kept.</summary>
    Confirmed,

    /// <summary>No queue takes it: a binding is missing, which the topology audit or the consumer's start will mend.</summary>
    Returned,

    /// <summary>Refused, cut off, or not confirmed in time: it may be there or not.</summary>
    Unconfirmed,

    /// <summary>The event itself cannot be published, however often it is tried.</summary>
    Impossible,
}

/// <summary>Hands one event to RabbitMQ and waits until the broker says that it is kept.</summary>
internal sealed class EventPublisher(IBusInstance<IRelayBus> bus, EventingOptions options)
{
    // AMQP's: the client's complaint about a longer one looks like any fault of the connection.
    private const int LongestRoutingKey = 255;

    /// <summary>Returns when the bus is connected.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken) =>
        await bus.BusControl.WaitForHealthStatus(BusHealthStatus.Healthy, cancellationToken);

    /// <summary>
    /// Publishes an event, mandatory: one that no queue takes is a failure, not a success. The span joins the trace of the write.
    /// </summary>
    /// <returns>How it ended, and why where it is not confirmed.</returns>
    public async Task<(Published Outcome, string? Reason)> PublishAsync(CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        ActivityContext.TryParse(cloudEvent.TraceParent, null, isRemote: true, out var write);
        using var activity = EventingMetrics.Source.StartActivity($"relay {cloudEvent.Type}", ActivityKind.Internal, write);
        if (Encoding.UTF8.GetByteCount(cloudEvent.Type) > LongestRoutingKey)
        {
            return (Published.Impossible, $"Its type is longer than the {LongestRoutingKey} bytes of a routing key");
        }
        activity?.SetTag("messaging.message.id", cloudEvent.Id); // which event it was, of those that are tried again and again
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConfirmTimeout);
        try
        {
            await bus
                .Bus.Publish(
                    cloudEvent,
                    context =>
                    {
                        context.MessageId = cloudEvent.Id;
                        context.Mandatory = true;
                        if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
                        {
                            // For clients that pick by AMQP's own properties, before they read the body.
                            rabbit.BasicProperties.Type = cloudEvent.Type;
                            rabbit.BasicProperties.ContentEncoding = "utf-8";
                        }
                        context.Headers.Set("traceparent", activity?.Id ?? cloudEvent.TraceParent);
                    },
                    // A client whose socket is blocked may be late to look at the token.
                    limit.Token
                )
                .WaitAsync(limit.Token);
            return (Published.Confirmed, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            return e switch
            {
                OperationCanceledException => (Published.Unconfirmed, $"no confirm within {options.ConfirmTimeout.TotalSeconds} s"),
                MessageReturnedException => (Published.Returned, "no queue takes it"),
                _ when FindOwnFault(e) is { } fault => (Published.Impossible, fault.Message),
                _ => (Published.Unconfirmed, e.Message),
            };
        }
    }

    // The bus may have wrapped it, and it may itself wrap what went wrong.
    private static UnpublishableEventException? FindOwnFault(Exception? e) =>
        e is null or UnpublishableEventException ? (UnpublishableEventException?)e : FindOwnFault(e.InnerException);
}
