using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace BackendGuide.FaultTests.Rig;

/// <summary>A client of the broker that knows nothing of this system's libraries, and connects again by itself until it is disposed of.</summary>
internal abstract class ReconnectingProbe : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pauseBetween = TimeSpan.FromMilliseconds(250);

    private readonly ConnectionFactory _broker;
    private readonly CancellationTokenSource _stopping = new();
    private readonly PeriodicTimer _pause = new(s_pauseBetween);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;

    protected ReconnectingProbe(string broker)
    {
        _broker = new ConnectionFactory
        {
            Uri = new Uri(broker),
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
            RequestedConnectionTimeout = s_limit,
            HandshakeContinuationTimeout = s_limit,
            ContinuationTimeout = s_limit,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _pause.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Starts it, and returns when it consumes.</summary>
    protected static async Task<T> StartAsync<T>(T probe, CancellationToken cancellationToken)
        where T : ReconnectingProbe
    {
        probe._running = probe.RunAsync(probe._stopping.Token);
        await probe._connected.Task.WaitAsync(cancellationToken);
        return probe;
    }

    /// <summary>Declares what it needs and begins to consume, on each connection.</summary>
    protected abstract Task ConsumeAsync(IChannel channel, CancellationToken stopping);

    /// <summary>It consumes from now on.</summary>
    protected virtual void Opened() { }

    /// <summary>The connection has ended.</summary>
    protected virtual void Closed() { }

    private async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stopping);
                await _pause.WaitForNextTickAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return; // asked to
            }
            catch (Exception e) when (e is RabbitMQClientException or OperationCanceledException or IOException or TimeoutException)
            {
                await _pause.WaitForNextTickAsync(CancellationToken.None); // the broker is away: that is what it is here for
            }
        }
    }

    private async Task FollowAsync(CancellationToken stopping)
    {
        await using var connection = await _broker.CreateConnectionAsync(stopping);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stopping);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            Closed();
            return Task.FromResult(closed.TrySetResult());
        };
        await ConsumeAsync(channel, stopping);
        Opened();
        if (!channel.IsOpen)
        {
            Closed(); // it may have been told before
        }
        _connected.TrySetResult();
        await closed.Task.WaitAsync(stopping);
    }
}
