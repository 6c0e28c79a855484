using RabbitMQ.Client;

namespace BackendGuide.Eventing.Bus;

/// <summary>The messages that the broker itself took out of a consumer's queue.</summary>
internal sealed class DeadLetters(string consumer, BrokerChannel broker)
{
    /// <summary>How many there are.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken) =>
        await broker.UseAsync(
            async (channel, token) => (await channel.QueueDeclarePassiveAsync(BusTopology.DeadLetterQueue(consumer), token)).MessageCount,
            cancellationToken
        );

    /// <summary>Gives all that are there now back to the consumer's queue: each is acked only when the queue has it.</summary>
    /// <returns>How many.</returns>
    public Task<int> RedriveAsync(CancellationToken cancellationToken) =>
        broker.UseAsync(
            async (channel, token) =>
            {
                var queue = BusTopology.DeadLetterQueue(consumer);
                var count = (await channel.QueueDeclarePassiveAsync(queue, token)).MessageCount;
                var moved = 0;
                // No more than there were: one that comes back at once must not go round here for ever.
                while (moved < count && await channel.BasicGetAsync(queue, autoAck: false, token) is { } letter)
                {
                    var properties = new BasicProperties(letter.BasicProperties) { Persistent = true };
                    properties.Headers?.Remove("x-death");
                    await channel.BasicPublishAsync("", consumer, mandatory: true, properties, letter.Body, token);
                    await channel.BasicAckAsync(letter.DeliveryTag, multiple: false, token);
                    moved++;
                }
                return moved;
            },
            cancellationToken
        );
}
