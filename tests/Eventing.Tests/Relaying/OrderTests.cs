using System.Collections.Concurrent;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BackendGuide.Eventing.Tests.Relaying;

public sealed class OrderTests(ServersFixture servers) : IAsyncLifetime
{
    private const int Resources = 10;
    private const int Updates = 500;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;
    private PlainClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _services = await TwoServices.CreateAsync(servers, _cancelled);
        _client = await PlainClient.ConnectAsync(_services.Broker, servers, _cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _client.DisposeAsync();
    }

    [Fact]
    public async Task Versions_OfHotResources_ArriveInOrderAtAQueueOfOneAtATime()
    {
        var seen = new ConcurrentQueue<CloudEvent>();
        await _client.Channel.ExchangeDeclareAsync("backendguide.events", ExchangeType.Topic, durable: true, cancellationToken: _cancelled);
        var queue = (await _client.Channel.QueueDeclareAsync(cancellationToken: _cancelled)).QueueName;
        await _client.Channel.QueueBindAsync(queue, "backendguide.events", "#", cancellationToken: _cancelled);
        await _client.Channel.BasicQosAsync(0, prefetchCount: 1, global: false, _cancelled);
        var consumer = new AsyncEventingBasicConsumer(_client.Channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            seen.Enqueue(JsonSerializer.Deserialize<CloudEvent>(delivery.Body.Span, EventJson.Options)!);
            await _client.Channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, _cancelled);
        };
        await _client.Channel.BasicConsumeAsync(queue, autoAck: false, consumer, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);

        await Task.WhenAll(
            Enumerable
                .Range(0, Resources)
                .Select(async _ =>
                {
                    var id = Guid.CreateVersion7();
                    for (var i = 0; i < Updates; i++)
                    {
                        await producer.SaveAsync(id, $"Title {i}", _cancelled);
                    }
                })
        );

        await Eventually.EqualAsync(
            Resources * Updates,
            () => Task.FromResult(seen.Count),
            TimeSpan.FromMinutes(3),
            "events at the queue",
            _cancelled
        );
        Assert.All(
            seen.GroupBy(one => one.Subject),
            resource =>
                Assert.Equal(
                    Enumerable.Range(1, Updates).Select(version => version.ToString(null, null)),
                    resource.Select(one => one.Sequence)
                )
        );
    }
}
