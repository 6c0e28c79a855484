using System.Diagnostics;
using System.Text;
using System.Text.Json;
using BackendGuide.Testing;
using RabbitMQ.Client;

namespace BackendGuide.Eventing.Tests.Bus;

public sealed class BusTests(ServersFixture servers) : IAsyncLifetime
{
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
    public async Task Events_WrittenAtOneService_AreAppliedAtAnotherExactlyOnce()
    {
        const int Count = 50;
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);

        var ids = Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7()).ToArray();
        for (var i = 0; i < Count; i++)
        {
            await producer.SaveAsync(ids[i % ids.Length], $"Title {i}", _cancelled);
        }

        await TwoServices.HandledAsync(consumer, Count, _cancelled);
        Assert.Equal(Count, await consumer.CountAsync("(SELECT DISTINCT event_id FROM handled) AS h", _cancelled));
        Assert.Equal(ids.Length, await consumer.CountAsync("thing_copy WHERE version = 10", _cancelled));
        const string Progress = "SELECT max_seen FROM source_progress";
        Assert.Equal(Count, await consumer.Database.ScalarAsync<long>(Progress, _cancelled));
        await Eventually.EqualAsync(
            Count,
            () => producer.Database.ScalarAsync<long>("SELECT pos FROM relay_cursor", _cancelled),
            TwoServices.Deadline,
            "the relay's cursor",
            _cancelled
        );
    }

    [Fact]
    public async Task Event_OnTheExchange_IsAPersistentStructuredCloudEvent()
    {
        var producer = await _services.StartProducerAsync(_cancelled);
        await _client.Channel.ExchangeDeclareAsync("backendguide.events", ExchangeType.Topic, durable: true, cancellationToken: _cancelled);
        var queue = (await _client.Channel.QueueDeclareAsync(cancellationToken: _cancelled)).QueueName;
        await _client.Channel.QueueBindAsync(queue, "backendguide.events", "backendguide.thing.#", cancellationToken: _cancelled);
        var id = Guid.CreateVersion7();

        using var write = new Activity("write") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
        await producer.SaveAsync(id, "Größe & \"more\"", _cancelled);
        write.Stop();

        BasicGetResult? message = null;
        await Eventually.TrueAsync(
            async () => (message = await _client.Channel.BasicGetAsync(queue, autoAck: true, _cancelled)) is not null,
            TwoServices.Deadline,
            "a message on the exchange",
            _cancelled
        );
        Assert.Equal("backendguide.events", message!.Exchange);
        Assert.Equal(Things.Changed, message.RoutingKey);
        Assert.Equal("application/cloudevents+json", message.BasicProperties.ContentType);
        Assert.Equal((Things.Changed, "utf-8"), (message.BasicProperties.Type, message.BasicProperties.ContentEncoding));
        Assert.Equal(DeliveryModes.Persistent, message.BasicProperties.DeliveryMode);
        var traceParent = Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers!["traceparent"]!);
        Assert.StartsWith($"00-{write.TraceId}-", traceParent, StringComparison.Ordinal);
        var body = JsonDocument.Parse(message.Body).RootElement;
        Assert.Equal(message.BasicProperties.MessageId, body.GetProperty("id").GetString());
        Assert.Equal(write.Id, body.GetProperty("traceparent").GetString());
        var texts = new[] { "specversion", "type", "source", "subject", "sequence", "position", "datacontenttype" };
        Assert.Equal(
            ["1.0", Things.Changed, EventingHost.Source, $"things/{Things.SlugOf(id)}", "1", "1", "application/json"],
            texts.Select(name => body.GetProperty(name).GetString())
        );
        Assert.Equal(
            await producer.Database.ScalarAsync<Guid>("SELECT event_id FROM event_log", _cancelled),
            body.GetProperty("id").GetGuid()
        );
        Assert.Equal(
            await producer.Database.ScalarAsync<Guid>("SELECT epoch FROM feed_meta", _cancelled),
            body.GetProperty("epoch").GetGuid()
        );
        Assert.Equal("Größe & \"more\"", body.GetProperty("data").GetProperty("title").GetString());
    }

    [Fact]
    public async Task Queue_OfAConsumer_IsADurableQuorumQueueWithADeadLetterQueue()
    {
        await _services.StartConsumerAsync(servers, _cancelled);

        var queue = await _client.DescribeAsync("queues", TwoServices.Queue, _cancelled);
        var arguments = queue.GetProperty("arguments");
        Assert.True(queue.GetProperty("durable").GetBoolean());
        Assert.Equal("quorum", arguments.GetProperty("x-queue-type").GetString());
        Assert.Equal(100, arguments.GetProperty("x-delivery-limit").GetInt32());
        Assert.Equal("at-least-once", arguments.GetProperty("x-dead-letter-strategy").GetString());
        Assert.Equal("reject-publish", arguments.GetProperty("x-overflow").GetString());

        var deadLetters = arguments.GetProperty("x-dead-letter-exchange").GetString()!;
        var bound = await _client.DescribeAsync("exchanges", $"{deadLetters}/bindings/source", _cancelled);
        var binding = Assert.Single(bound.EnumerateArray());
        Assert.Equal("queue", binding.GetProperty("destination_type").GetString());
        var deadQueue = await _client.DescribeAsync("queues", binding.GetProperty("destination").GetString()!, _cancelled);
        Assert.True(deadQueue.GetProperty("durable").GetBoolean());
        Assert.Equal("quorum", deadQueue.GetProperty("arguments").GetProperty("x-queue-type").GetString());
    }

    [Fact]
    public async Task Trace_OfAWrite_SpansRelayAndConsumer()
    {
        using var spans = new SpanCollector();
        using var sampler = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "MassTransit" or "BackendGuide.Eventing",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(sampler);
        var handledIn = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _services.StartConsumerAsync(
            servers,
            _cancelled,
            (_, _, _, _) =>
            {
                handledIn.TrySetResult(Activity.Current?.TraceId.ToHexString());
                return Task.CompletedTask;
            }
        );
        var producer = await _services.StartProducerAsync(_cancelled);

        using var write = new Activity("write") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
        var traceId = write.TraceId.ToHexString();
        await producer.SaveAsync(Guid.CreateVersion7(), "traced", _cancelled);
        write.Stop();

        Assert.Equal(traceId, await handledIn.Task.WaitAsync(TwoServices.Deadline, _cancelled));
        var trace = await spans.WaitAsync(traceId, trace => trace.Any(span => IsReceivedFrom(trace, span)), _cancelled);
        var relay = Assert.Single(trace, span => span.DisplayName == $"relay {Things.Changed}");
        Assert.Equal(write.SpanId, relay.ParentSpanId);
        var publish = Assert.Single(trace, span => span.ParentSpanId == relay.SpanId);
        Assert.Equal(ActivityKind.Producer, publish.Kind);
        Assert.Contains(trace, span => span.ParentSpanId == publish.SpanId && span.Kind == ActivityKind.Consumer);
        trace = await spans.WaitAsync(traceId, trace => trace.Any(span => span.DisplayName == $"apply {Things.Changed}"), _cancelled);
        var apply = Assert.Single(trace, span => span.DisplayName == $"apply {Things.Changed}");
        Assert.Contains(trace, span => span.SpanId == apply.ParentSpanId && span.Source.Name == "MassTransit");
    }

    private static bool IsReceivedFrom(IReadOnlyList<Activity> trace, Activity span) =>
        span.Kind == ActivityKind.Consumer
        && trace.Any(publish => publish.Kind == ActivityKind.Producer && publish.SpanId == span.ParentSpanId);
}
