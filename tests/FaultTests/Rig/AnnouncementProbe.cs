using System.Text.Json;
using BackendGuide.FaultTests.Checking;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BackendGuide.FaultTests.Rig;

/// <summary>
/// Hears what the services announce, as a gateway does: on a queue that ends with its connection. Only where that has lasted has it heard everything, and
/// what it lacks was never said.
/// </summary>
internal sealed class AnnouncementProbe : ReconnectingProbe
{
    private const string Exchange = "backendguide.announcements";

    private readonly Lock _gate = new();
    private readonly List<Announcement> _heard = [];
    private int _sessions;
    private int? _session;

    private AnnouncementProbe(string broker)
        : base(broker) { }

    /// <summary>Starts it, and returns when it hears.</summary>
    public static Task<AnnouncementProbe> StartAsync(string broker, CancellationToken cancellationToken) =>
        StartAsync(new AnnouncementProbe(broker), cancellationToken);

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

    protected override async Task ConsumeAsync(IChannel channel, CancellationToken stopping)
    {
        var queue = await channel.QueueDeclareAsync(cancellationToken: stopping);
        foreach (var service in Announcement.Services)
        {
            await channel.QueueBindAsync(queue.QueueName, Exchange, service, cancellationToken: stopping);
        }
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            Take(message.Body);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, stopping);
    }

    protected override void Opened()
    {
        lock (_gate)
        {
            _session = _sessions++;
        }
    }

    protected override void Closed()
    {
        lock (_gate)
        {
            _session = null;
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
