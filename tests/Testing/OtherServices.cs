using RabbitMQ.Client;

namespace BackendGuide.Testing;

/// <summary>Those who are not there in a test of one service, and for whom it would publish its events again and again.</summary>
public static class OtherServices
{
    private const string Exchange = "backendguide.events";
    private const string Queue = "other-services";

    /// <summary>Has a queue take every event of some kinds, and keep the last few of them.</summary>
    /// <param name="broker">An amqp URI with an empty virtual host.</param>
    /// <param name="kinds">What the service publishes: <c>guide</c> for all events of guides.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The same URI.</returns>
    public static async Task<string> TakeEventsAsync(string broker, string[] kinds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        var few = new Dictionary<string, object?> { ["x-max-length"] = 10 };
        await channel.QueueDeclareAsync(
            Queue,
            durable: true,
            exclusive: false,
            autoDelete: false,
            few,
            cancellationToken: cancellationToken
        );
        foreach (var kind in kinds)
        {
            await channel.QueueBindAsync(Queue, Exchange, $"backendguide.{kind}.#", cancellationToken: cancellationToken);
        }
        return broker;
    }
}
