using System.Text.Json;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Evicting;
using RabbitMQ.Client;

namespace BackendGuide.Gateway.Tests.Evictions;

/// <summary>Announces over the broker as the services do.</summary>
internal sealed class Announcer : IAsyncDisposable
{
    private const string Exchange = "backendguide.announcements";

    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private Announcer(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<Announcer> StartAsync(string broker)
    {
        var cancelled = TestContext.Current.CancellationToken;
        var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(cancelled);
        var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        var channel = await connection.CreateChannelAsync(confirms, cancelled);
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Direct, durable: true, cancellationToken: cancelled);
        return new Announcer(connection, channel);
    }

    /// <summary>Returns when the broker has it.</summary>
    public async Task AnnounceAsync(Eviction eviction) =>
        await _channel.BasicPublishAsync(
            Exchange,
            eviction.By,
            mandatory: false,
            new BasicProperties { ContentType = "application/json" },
            JsonSerializer.SerializeToUtf8Bytes(eviction, EventJson.Options),
            TestContext.Current.CancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
