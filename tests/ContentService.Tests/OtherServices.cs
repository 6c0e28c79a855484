using RabbitMQ.Client;

namespace BackendGuide.ContentService.Tests;

/// <summary>Those who are not there in these tests, and for whom a service would publish its events again and again.</summary>
internal static class OtherServices
{
    private const string Exchange = "backendguide.events";
    private const string Queue = "other-services";

    /// <summary>Has a queue take every event, and keep the last few of them.</summary>
    /// <param name="broker">An amqp URI with an empty virtual host.</param>
    /// <returns>The same.</returns>
    public static async Task<string> TakeEventsAsync(string broker)
    {
        var token = TestContext.Current.CancellationToken;
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Topic, durable: true, cancellationToken: token);
        var few = new Dictionary<string, object?> { ["x-max-length"] = 10 };
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, few, cancellationToken: token);
        await channel.QueueBindAsync(Queue, Exchange, "backendguide.guide.#", cancellationToken: token);
        await channel.QueueBindAsync(Queue, Exchange, "backendguide.technology.#", cancellationToken: token);
        return broker;
    }
}
