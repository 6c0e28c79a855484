using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.Eventing.Tests;

/// <summary>Two services, each of whose ways to its database and to the broker can be made slow, cut, or stalled.</summary>
internal sealed class FaultyServices : IAsyncDisposable
{
    private FaultyServices(ProxiedServer producerDatabase, ProxiedServer consumerDatabase, ProxiedServer broker)
    {
        (ProducerDatabase, ConsumerDatabase, Broker) = (producerDatabase, consumerDatabase, broker);
        Services = new TwoServices(producerDatabase.ConnectionString, consumerDatabase.ConnectionString, broker.ConnectionString);
    }

    public ProxiedServer ProducerDatabase { get; }

    public ProxiedServer ConsumerDatabase { get; }

    /// <summary>The way of both services.</summary>
    public ProxiedServer Broker { get; }

    public TwoServices Services { get; }

    public static async Task<FaultyServices> CreateAsync(ServersFixture servers, CancellationToken cancellationToken) =>
        new(
            ProxiedServer.Postgres(await servers.CreateDatabaseAsync(cancellationToken)),
            ProxiedServer.Postgres(await servers.CreateDatabaseAsync(cancellationToken)),
            ProxiedServer.RabbitMq(await servers.CreateVirtualHostAsync(cancellationToken))
        );

    public async ValueTask DisposeAsync()
    {
        foreach (var server in new[] { ProducerDatabase, ConsumerDatabase, Broker })
        {
            server.Proxy.Resume(); // a service that stops says goodbye
        }
        await Services.DisposeAsync();
        await ProducerDatabase.DisposeAsync();
        await ConsumerDatabase.DisposeAsync();
        await Broker.DisposeAsync();
    }
}
