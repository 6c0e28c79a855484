using BackendGuide.Testing;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace BackendGuide.Eventing.Tests.Bus;

public sealed class TopologyTests(ServersFixture servers) : IAsyncLifetime
{
    private const int Differs = 70;
    private const string Family = "backendguide.thing.#";
    private static readonly Dictionary<string, string> s_frequentAudit = new() { ["TopologyAudit"] = "00:00:01" };
    private static readonly Dictionary<string, string> s_rareAudit = new() { ["TopologyAudit"] = "01:00:00" };

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
    public async Task Events_PublishedWhileTheBindingIsGone_AreReturnedAndAllArriveOnceItIsBack()
    {
        const int Count = 100;
        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: NoFilling(s_rareAudit));
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "before", _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        await RelayedAsync(producer, 1);
        await _client.Channel.ExchangeUnbindAsync(TwoServices.Queue, "backendguide.events", Family, cancellationToken: _cancelled);

        using var returns = new Returns();
        for (var i = 0; i < Count; i++)
        {
            await producer.SaveAsync(Guid.CreateVersion7(), $"Title {i}", _cancelled);
        }
        await using var written = producer.Database.CreateCommand(
            "SELECT array_agg(event_id) FROM event_log JOIN feed USING (seq) WHERE pos > 1"
        );
        var events = ((Guid[])(await written.ExecuteScalarAsync(_cancelled))!).ToHashSet();
        Assert.Equal(Count, events.Count);

        await Eventually.EqualAsync(
            Count,
            () => Task.FromResult(returns.Events.Intersect(events).Count()),
            TwoServices.Deadline,
            "different events that were returned",
            _cancelled
        );
        Assert.InRange(returns.Counted, Count, long.MaxValue);
        Assert.True(producer.WasRefused);
        Assert.Equal(1, await producer.Database.ScalarAsync<long>("SELECT pos FROM relay_cursor", _cancelled));
        Assert.Equal(1, await consumer.CountAsync("thing_copy", _cancelled));
        await _client.Channel.ExchangeBindAsync(TwoServices.Queue, "backendguide.events", Family, cancellationToken: _cancelled);

        await TwoServices.HandledAsync(consumer, 1 + Count, _cancelled);
        await RelayedAsync(producer, 1 + Count);
        Assert.Equal(0, await producer.CountAsync("outbox_parked", _cancelled));
    }

    [Fact]
    public async Task Audit_OfALostBindingBesideAnother_BindsAgain()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: NoFilling(s_frequentAudit));
        var producer = await _services.StartProducerAsync(_cancelled);
        // Another queue takes every event: no publish is returned, and only the audit can notice.
        var other = (await _client.Channel.QueueDeclareAsync(cancellationToken: _cancelled)).QueueName;
        await _client.Channel.QueueBindAsync(other, "backendguide.events", Family, cancellationToken: _cancelled);

        await _client.Channel.ExchangeUnbindAsync(TwoServices.Queue, "backendguide.events", Family, cancellationToken: _cancelled);

        await Eventually.TrueAsync(
            async () =>
            {
                await producer.SaveAsync(Guid.CreateVersion7(), "again", _cancelled);
                return await consumer.CountAsync("handled", _cancelled) > 0;
            },
            TwoServices.Deadline,
            "an event by the binding that came back",
            _cancelled
        );
        Assert.False(producer.WasRefused);
    }

    [Theory]
    [InlineData(TwoServices.Queue)]
    [InlineData(TwoServices.Queue + ".dead")]
    public async Task Start_WithAQueueThatLacksItsArguments_IsRefusedAndNamesIt(string queue)
    {
        await _client.Channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: _cancelled);
        var exitCode = Environment.ExitCode;
        try
        {
            await using var host = await EventingHost.StartConsumerAsync(
                _services.ProducerDatabase,
                _services.Broker,
                TwoServices.Queue,
                _services.ProducerDatabase,
                _cancelled
            );

            var stopping = host.Get<IHostApplicationLifetime>().ApplicationStopping;
            await Eventually.TrueAsync(
                () => Task.FromResult(stopping.IsCancellationRequested),
                TwoServices.Deadline,
                "the refusal",
                _cancelled
            );
            Assert.True(host.HasLogged(Differs));
            Assert.Contains($"queue '{queue}'", host.Get<Eventing.Operating.ConsumerState>().TopologyFault, StringComparison.Ordinal);
            Assert.Equal(1, Environment.ExitCode);
        }
        finally
        {
            Environment.ExitCode = exitCode;
        }
    }

    // What the broker does not bring is here to stay away.
    private static Dictionary<string, string> NoFilling(Dictionary<string, string> settings) => new(settings) { ["HoleAge"] = "00:05:00" };

    private async Task RelayedAsync(EventingHost producer, long position) =>
        await Eventually.EqualAsync(
            position,
            () => producer.Database.ScalarAsync<long>("SELECT coalesce(max(pos), 0) FROM relay_cursor", _cancelled),
            TwoServices.Deadline,
            "the relay's cursor",
            _cancelled
        );
}
