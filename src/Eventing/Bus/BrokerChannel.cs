using RabbitMQ.Client;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// A plain connection to the broker, for what an operator does and MassTransit does not: to declare the topology again, to count, and to
/// move dead letters. It is opened when it is needed and closed after each use: every half minute, and never on an event's way.
/// </summary>
internal sealed class BrokerChannel(Uri broker)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

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
        // A broker that stands still answers no farewell either: the wait for it ends with the caller's patience, and the connection is dropped.
        var connection = await factory.CreateConnectionAsync(cancellationToken).WaitAsync(cancellationToken);
        try
        {
            var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
            var channel = await connection.CreateChannelAsync(confirms, cancellationToken).WaitAsync(cancellationToken);
            return await work(channel, cancellationToken).WaitAsync(cancellationToken);
        }
        finally
        {
            await connection.AbortAsync(Farewell);
            await connection.DisposeAsync();
        }
    }
}
