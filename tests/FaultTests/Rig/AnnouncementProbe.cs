using System.Text.Json;
using BackendGuide.FaultTests.Checking;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace BackendGuide.FaultTests.Rig;

/// <summary>
/// Hears what the services announce, as a gateway does: on a queue that ends with its connection. Only where that has lasted has it heard everything, and
/// what it lacks was never said.
/// </summary>
internal sealed class AnnouncementProbe : IAsyncDisposable
{
    private const string Exchange = "backendguide.announcements";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_reconnectPause = TimeSpan.FromMilliseconds(250);

    private readonly ConnectionFactory _broker;
    private readonly Lock _gate = new();
    private readonly List<Announcement> _heard = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly PeriodicTimer _pause = new(s_reconnectPause);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private int _sessions;
    private int? _session;

    private AnnouncementProbe(string broker)
    {
        _broker = new ConnectionFactory
        {
            Uri = new Uri(broker),
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = s_limit,
            RequestedConnectionTimeout = s_limit,
            HandshakeContinuationTimeout = s_limit,
            ContinuationTimeout = s_limit,
        };
        _running = RunAsync(_stopping.Token);
    }

    /// <summary>Starts it, and returns when it hears.</summary>
    public static async Task<AnnouncementProbe> StartAsync(string broker, CancellationToken cancellationToken)
    {
        var probe = new AnnouncementProbe(broker);
        await probe._connected.Task.WaitAsync(cancellationToken);
        return probe;
    }

    /// <summary>From here on, and which connection it is; null where there is none now.</summary>
    public AnnouncementMark Mark()
    {
        lock (_gate)
        {
            return new AnnouncementMark(_session, _heard.Count);
        }
    }

    /// <summary>What was heard since; null where the connection has not lasted.</summary>
    public IReadOnlyList<Announcement>? HeardSince(AnnouncementMark mark)
    {
        lock (_gate)
        {
            return mark.Session is not null && mark.Session == _session ? _heard[mark.Heard..] : null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _pause.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stopping);
                await _pause.WaitForNextTickAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return; // asked to
            }
            catch (Exception e) when (e is RabbitMQClientException or OperationCanceledException or IOException or TimeoutException)
            {
                await _pause.WaitForNextTickAsync(CancellationToken.None); // the broker is away, and that is what is tried
            }
        }
    }

    private async Task ListenAsync(CancellationToken stopping)
    {
        await using var connection = await _broker.CreateConnectionAsync(stopping);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stopping);
        var queue = await channel.QueueDeclareAsync(cancellationToken: stopping);
        foreach (var service in Announcement.Services)
        {
            await channel.QueueBindAsync(queue.QueueName, Exchange, service, cancellationToken: stopping);
        }
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            BeginSession(null);
            return Task.FromResult(closed.TrySetResult());
        };
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            Take(message.Body);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, stopping);
        BeginSession(_sessions++);
        if (!channel.IsOpen)
        {
            BeginSession(null);
        }
        _connected.TrySetResult();
        await closed.Task.WaitAsync(stopping);
    }

    private void BeginSession(int? session)
    {
        lock (_gate)
        {
            _session = session;
        }
    }

    private void Take(ReadOnlyMemory<byte> message)
    {
        using var body = JsonDocument.Parse(message);
        var said = body.RootElement;
        var announcement = new Announcement(
            said.GetProperty("by").GetString()!,
            said.GetProperty("source").GetString()!,
            said.GetProperty("from").GetInt64(),
            said.GetProperty("to").GetInt64()
        );
        if (announcement.To >= announcement.From) // the rest are heartbeats, and what has no position of its own
        {
            lock (_gate)
            {
                _heard.Add(announcement);
            }
        }
    }
}

/// <summary>A moment of an <see cref="AnnouncementProbe"/>'s.</summary>
/// <param name="Session">The connection; null where there was none.</param>
/// <param name="Heard">How much was heard before.</param>
internal readonly record struct AnnouncementMark(int? Session, int Heard);
