using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Following;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BackendGuide.CareerService.Tests;

/// <summary>The broker as the other services use it: it takes what careers publish, and says what content publishes.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private const string Exchange = "backendguide.events";
    private static readonly Guid s_epoch = Guid.NewGuid();

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private long _position;

    private Broker(IConnection connection, IChannel channel)
    {
        _connection = connection;
        _channel = channel;
    }

    /// <summary>The career events that arrived, in their order.</summary>
    public ConcurrentQueue<CloudEvent> Careers { get; } = new();

    public static async Task<Broker> ConnectAsync(string uri)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(uri) }.CreateConnectionAsync();
        // A message that no queue takes, or that the broker does not confirm, is an exception.
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        var broker = new Broker(connection, channel);
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Topic, durable: true);
        var queue = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(queue.QueueName, Exchange, EventTypes.CareerPublished);
        await channel.QueueBindAsync(queue.QueueName, Exchange, EventTypes.SalariesUpdated);
        await channel.QueueBindAsync(queue.QueueName, Exchange, EventTypes.CareerWithdrawn);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            broker.Careers.Enqueue(JsonSerializer.Deserialize<CloudEvent>(delivery.Body.Span, EventJson.Options)!);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        return broker;
    }

    public Task<FeedPosition> PublishTechnologyAsync(string slug, long version, string name) =>
        PublishAsync(
            EventTypes.TechnologyPublished,
            $"technologies/{slug}",
            version,
            new TechnologyPublished(slug, version, name, "Databases", "", null, DateTime.UnixEpoch)
        );

    public Task<FeedPosition> WithdrawTechnologyAsync(string slug, long version, string name) =>
        PublishAsync(
            EventTypes.TechnologyWithdrawn,
            $"technologies/{slug}",
            version,
            new TechnologyWithdrawn(slug, version, name, DateTime.UnixEpoch)
        );

    public Task<FeedPosition> PublishGuideAsync(string slug, long version, string title, string locale = "en") =>
        PublishAsync(
            EventTypes.GuidePublished,
            $"guides/{slug}",
            version,
            new GuidePublished(slug, locale, version, title, "", [], DateTime.UnixEpoch, DateTime.UnixEpoch)
        );

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    /// <returns>Where it is in the feed.</returns>
    private async Task<FeedPosition> PublishAsync<T>(string eventType, string subject, long version, T data)
    {
        var position = Interlocked.Increment(ref _position);
        var cloudEvent = new CloudEvent(
            Guid.CreateVersion7(),
            EventSources.Content,
            eventType,
            subject,
            DateTime.UnixEpoch,
            Sequence: version.ToString(CultureInfo.InvariantCulture),
            Position: position.ToString(CultureInfo.InvariantCulture),
            s_epoch,
            TraceParent: null,
            JsonSerializer.SerializeToElement(data, EventJson.Options)
        );
        var properties = new BasicProperties { ContentType = "application/cloudevents+json", MessageId = cloudEvent.Id.ToString() };
        var body = JsonSerializer.SerializeToUtf8Bytes(cloudEvent, EventJson.Options);
        await _channel.BasicPublishAsync(Exchange, eventType, mandatory: true, properties, body, TestContext.Current.CancellationToken);
        return new FeedPosition(s_epoch, position);
    }
}
