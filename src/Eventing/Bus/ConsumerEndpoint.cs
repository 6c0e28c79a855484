using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Following;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackendGuide.Eventing.Bus;

/// <summary>The consumer's place at its queue, which can be taken anew.</summary>
internal interface IConsumerEndpoint
{
    /// <summary>True while it is connected to the queue, as far as this side knows.</summary>
    bool IsConnected { get; }

    /// <summary>Gives the place up, and takes another one. What is in hand has a moment to end; what does not comes again.</summary>
    Task RestartAsync(CancellationToken cancellationToken);
}

/// <summary>
/// The receive endpoint of the consumer's queue. It is connected to the running bus and is no part of its configuration, for of MassTransit's own means
/// none gets it back: the pauses between its tries grow to half a minute with each time that the broker was away, and never
/// shrink; and a bus that is stopped and started leaves out an endpoint that was looking for its broker (8.5: it counts as started). A new endpoint
/// has none of that behind it.
/// </summary>
internal sealed partial class ConsumerEndpoint(
    ConsumerName consumer,
    IReceiveEndpointConnector bus,
    EventHandlers handlers,
    EventingOptions options,
    TimeProvider time,
    ILogger<ConsumerEndpoint> logger
) : IConsumerEndpoint, IHostedService, IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1);
    private HostReceiveEndpointHandle? _handle;
    private volatile Place? _place;

    /// <inheritdoc />
    public bool IsConnected => _place?.IsConnected ?? false;

    /// <summary>Takes the place as soon as the broker is there; does not wait for it.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Connect();
        return Task.CompletedTask;
    }

    /// <summary>Nothing: the bus stops its endpoints.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_handle is { } handle)
            {
                await StopAsync(handle, cancellationToken);
            }
            Connect();
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    // It is out of the bus's list at once and takes nothing any more, but it waits for a connection that is being made to a broker that stands
    // still: a minute has been seen. The next endpoint need not wait for that.
    private async Task StopAsync(HostReceiveEndpointHandle handle, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(StopLimit);
            await handle.StopAsync(limit.Token).WaitAsync(StopLimit, time, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Abandoned(e, consumer.Value);
        }
    }

    private void Connect()
    {
        var place = new Place();
        _place = place;
        _handle = bus.ConnectReceiveEndpoint(
            consumer.Value,
            (services, endpoint) =>
            {
                BusTopology.ConfigureConsumer((IRabbitMqReceiveEndpointConfigurator)endpoint, services, consumer.Value, handlers, options);
                endpoint.ConnectReceiveEndpointObserver(place);
            }
        );
    }

    /// <summary>What one endpoint says of itself.</summary>
    private sealed class Place : IReceiveEndpointObserver
    {
        private volatile bool _isConnected;

        public bool IsConnected => _isConnected;

        public Task Ready(ReceiveEndpointReady ready) => Set(ready.IsStarted);

        public Task Stopping(ReceiveEndpointStopping stopping) => Set(false);

        public Task Completed(ReceiveEndpointCompleted completed) => Set(false);

        public Task Faulted(ReceiveEndpointFaulted faulted) => Set(false);

        private Task Set(bool isConnected)
        {
            _isConnected = isConnected;
            return Task.CompletedTask;
        }
    }

    [LoggerMessage(86, LogLevel.Warning, "The former endpoint of {Consumer} does not end; another one takes its place")]
    private partial void Abandoned(Exception exception, string consumer);
}
