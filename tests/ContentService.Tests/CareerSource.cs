using System.Globalization;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace BackendGuide.ContentService.Tests;

/// <summary>Says what the career service would say, on the exchange that it says it on.</summary>
internal sealed class CareerSource(string broker)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private readonly Guid _epoch = Guid.NewGuid();
    private long _position;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Publishes a career whose path has one step for each topic, or withdraws it.</summary>
    /// <returns>Where that is in the feed.</returns>
    public async Task<FeedPosition> PublishAsync(
        string slug,
        long version,
        string title,
        bool withdrawn = false,
        IReadOnlyList<string>? topics = null
    )
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var step = new LearningStep("first", $"First of {title}", "", topics ?? ["python"], [], []);
        object career = withdrawn
            ? new CareerWithdrawn(slug, version, title, now)
            : new CareerPublished(slug, version, title, "", "", [], [step], now, now);
        var position = Interlocked.Increment(ref _position);
        var cloudEvent = new CloudEvent(
            Guid.CreateVersion7(),
            EventSources.Career,
            withdrawn ? EventTypes.CareerWithdrawn : EventTypes.CareerPublished,
            $"careers/{slug}",
            now,
            version.ToString(CultureInfo.InvariantCulture),
            position.ToString(CultureInfo.InvariantCulture),
            _epoch,
            null,
            JsonSerializer.SerializeToElement(career, EventJson.Options)
        );
        await PublishAsync(cloudEvent);
        return new FeedPosition(_epoch, position);
    }

    private async Task PublishAsync(CloudEvent cloudEvent)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(Token);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), Token);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    var body = JsonSerializer.SerializeToUtf8Bytes(cloudEvent, EventJson.Options);
                    var properties = new BasicProperties { ContentType = "application/cloudevents+json", Persistent = true };
                    await channel.BasicPublishAsync("backendguide.events", cloudEvent.Type, mandatory: true, properties, body, Token);
                    return true;
                }
                catch (PublishException)
                {
                    return false; // the service has not bound its queue yet
                }
            },
            s_deadline,
            "a queue that takes the event",
            Token
        );
    }
}
