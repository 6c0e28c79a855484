using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Sourcing;

/// <summary>Databases and a virtual host, and the services over HTTP that a test starts on them.</summary>
internal sealed class SourceFixture : IAsyncDisposable
{
    private readonly LocalIssuer _issuer = new();
    private readonly List<WebService> _started = [];
    private readonly string _sourceDatabase;
    private readonly string _consumerDatabase;

    private SourceFixture(string sourceDatabase, string consumerDatabase, string broker) =>
        (_sourceDatabase, _consumerDatabase, Broker) = (sourceDatabase, consumerDatabase, broker);

    public string Broker { get; }

    public LocalIssuer Issuer => _issuer;

    public static async Task<SourceFixture> CreateAsync(ServersFixture servers, CancellationToken cancellationToken) =>
        new(
            await servers.CreateDatabaseAsync(cancellationToken),
            await servers.CreateDatabaseAsync(cancellationToken),
            await servers.CreateVirtualHostAsync(cancellationToken)
        );

    /// <summary>Starts the service that has the things.</summary>
    public async Task<WebService> StartSourceAsync(
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? settings = null
    ) => Keep(await WebService.StartAsync(_sourceDatabase, Broker, _issuer, cancellationToken, settings: settings));

    /// <summary>Starts the service that has the things, without a broker: nothing but what is asked of it reads its feed.</summary>
    public async Task<WebService> StartQuietSourceAsync(
        CancellationToken cancellationToken,
        Eventing.Log.ReadCurrentState? readState = null
    ) =>
        Keep(
            await WebService.StartAsync(
                $"{_sourceDatabase};Options=-c lock_timeout=60s",
                "amqp://guest:guest@127.0.0.1:1",
                _issuer,
                cancellationToken,
                readState: readState
            )
        );

    /// <summary>Starts the service that copies them.</summary>
    public async Task<WebService> StartConsumerAsync(
        WebService source,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? settings = null
    ) =>
        Keep(
            await WebService.StartAsync(
                _consumerDatabase,
                Broker,
                _issuer,
                cancellationToken,
                TwoServices.Queue,
                Things.Handlers(),
                source.Address,
                settings
            )
        );

    public async Task StopAsync(WebService service)
    {
        _started.Remove(service);
        await service.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _started)
        {
            await service.DisposeAsync();
        }
        _issuer.Dispose();
    }

    private WebService Keep(WebService service)
    {
        _started.Add(service);
        return service;
    }
}
