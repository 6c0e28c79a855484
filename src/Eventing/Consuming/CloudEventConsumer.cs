using BackendGuide.Contracts;
using MassTransit;

namespace BackendGuide.Eventing.Consuming;

/// <summary>The queue's one consumer: all types come here, so that one that nobody knows is parked and not dropped.</summary>
internal sealed class CloudEventConsumer(EventInbox inbox) : IConsumer<CloudEvent>
{
    public Task Consume(ConsumeContext<CloudEvent> context) =>
        inbox.TakeAsync(context.Message, context.ReceiveContext.Redelivered, context.CancellationToken);
}
