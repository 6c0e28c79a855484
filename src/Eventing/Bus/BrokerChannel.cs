using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// A plain connection to the broker, for what an operator does and MassTransit does not: to declare the topology again, to count, and to
/// move dead letters. It is opened when it is needed and closed after each use: every half minute, and never on an event's way.
/// </summary>
internal sealed class BrokerChannel(Uri broker)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    /// <summary>True where the broker answers in time.</summary>
    public async Task<bool> IsThereAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            return await UseAsync(static (_, _) => Task.FromResult(true), deadline.Token);
        }
        catch (Exception e) when (e is RabbitMQClientException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Runs <paramref name="work"/> on a channel with confirms.</summary>
    /// <exception cref="BrokerAwayException">The broker cannot be reached, or the connection ended.</exception>
    /// <exception cref="RabbitMQClientException">It refuses.</exception>
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
        try
        {
            return await UseAsync(factory, work, cancellationToken);
        }
        catch (Exception e) when (e is not (RabbitMQClientException or OperationCanceledException))
        {
            // The client's own "unreachable" is an IOException, and not one of its other exceptions.
            throw new BrokerAwayException($"The broker cannot be reached: {e.Message}", e);
        }
    }

    private static async Task<T> UseAsync<T>(
        ConnectionFactory factory,
        Func<IChannel, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
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

/// <summary>The broker cannot be reached, or the connection to it ended.</summary>
internal sealed class BrokerAwayException(string message, Exception inner) : RabbitMQClientException(message, inner);
