using System.Diagnostics;
using BackendGuide.Contracts;
using MassTransit;

namespace BackendGuide.Eventing.Bus;

/// <summary>Hands one event to RabbitMQ and waits until the broker says that it is kept.</summary>
internal sealed class EventPublisher(IBusControl bus)
{
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(5);

    /// <summary>Returns when the bus is connected and this process's own queues exist.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken) =>
        await bus.WaitForHealthStatus(BusHealthStatus.Healthy, cancellationToken);

    /// <summary>
    /// Publishes an event, mandatory: one that no queue takes is a failure, not a success. The span joins the trace of the write.
    /// </summary>
    /// <returns>Null when confirmed, else why not: returned, refused, or not confirmed in time.</returns>
    public async Task<Exception?> TryPublishAsync(CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        ActivityContext.TryParse(cloudEvent.TraceParent, null, isRemote: true, out var write);
        using var activity = Telemetry.Source.StartActivity($"relay {cloudEvent.Type}", ActivityKind.Internal, write);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConfirmWithin);
        try
        {
            await bus.Publish(
                cloudEvent,
                context =>
                {
                    context.MessageId = cloudEvent.Id;
                    context.Mandatory = true;
                },
                limit.Token
            );
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            return e is OperationCanceledException ? new TimeoutException($"No confirm within {ConfirmWithin.TotalSeconds} s", e) : e;
        }
    }
}
