using RabbitMQ.Client;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// A plain connection to the broker, for what an operator does and MassTransit does not: to declare the topology again, to count, and to
/// move dead letters. It is opened when it is needed and closed after each use: every half minute, and never on an event's way.
/// </summary>
internal sealed class BrokerChannel(Uri broker)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Runs <paramref name="work"/> on a channel with confirms.</summary>
    /// <exception cref="RabbitMQ.Client.Exceptions.RabbitMQClientException">The broker is away, or refuses.</exception>
    public async Task<T> UseAsync<T>(Func<IChannel, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = broker,
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = Limit,
            ContinuationTimeout = Limit,
            ClientProvidedName = "backendguide-operations",
        };
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        await using var channel = await connection.CreateChannelAsync(confirms, cancellationToken);
        return await work(channel, cancellationToken);
    }
}
