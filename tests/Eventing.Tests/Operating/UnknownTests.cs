using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Operating;
using BackendGuide.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.Eventing.Tests.Operating;

/// <summary>What nobody can know at the moment is said to be unknown, and the rest is said all the same.</summary>
public sealed class UnknownTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private FaultyServices _faulty = null!;

    public async ValueTask InitializeAsync() => _faulty = await FaultyServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _faulty.DisposeAsync();

    [Fact]
    public async Task Status_WhileTheBrokerRefusesConnections_LacksTheDeadLettersAndNothingElse()
    {
        var consumer = await _faulty.Services.StartConsumerAsync(servers, _cancelled);
        var producer = await _faulty.Services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "one", _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);

        _faulty.Broker.Proxy.Cut();

        var status = Assert.Single((await consumer.Get<Operations>().ReadStatusAsync(_cancelled)).Consumers);
        Assert.Equal((1, 1, 0), (status.Position, status.Head, status.LagEvents));
        Assert.Null(status.DeadLettered);
    }

    [Fact]
    public async Task Health_WhileTheSourceDoesNotAnswer_IsDegradedUntilItDoes()
    {
        await _faulty.Services.StartProducerAsync(_cancelled);
        var consumer = await _faulty.Services.StartConsumerAsync(
            servers,
            _cancelled,
            settings: new Dictionary<string, string> { ["LagLimit"] = "00:00:01", ["SourcePoll"] = "00:00:00.1" }
        );
        await HealthAsync(consumer, HealthStatus.Healthy);
        var source = (DirectSource)consumer.Get<ISourceFeed>();

        source.IsAway = true;
        await HealthAsync(consumer, HealthStatus.Degraded);
        Assert.Null(consumer.Get<ConsumerState>().LagEvents);
        source.IsAway = false;

        await HealthAsync(consumer, HealthStatus.Healthy);
    }

    [Fact]
    public async Task Redrive_OfAnEventOfAFormerHistory_ForgetsItAndGoesOn()
    {
        var consumer = await _faulty.Services.StartConsumerAsync(servers, _cancelled);
        var producer = await _faulty.Services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "one", _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        var epoch = await producer.Database.ScalarAsync<Guid>("SELECT epoch FROM feed_meta", _cancelled);
        await ParkAsync(consumer, Things.Event("former", 1, 1, Guid.NewGuid()));
        await ParkAsync(consumer, Things.Event("present", 1, 2, epoch));

        var redriven = await consumer.Get<Operations>().RedriveConsumerAsync(_cancelled);

        Assert.Equal(new Redriven(Applied: 1, StillParked: 0, DeadLettered: 0), redriven);
        Assert.Equal(1, await consumer.CountAsync("thing_copy WHERE slug = 'present'", _cancelled));
        Assert.Equal(0, await consumer.CountAsync("thing_copy WHERE slug = 'former'", _cancelled));
    }

    // As it was parked when that was the history.
    private async Task ParkAsync(EventingHost consumer, Contracts.CloudEvent cloudEvent)
    {
        await using var park = consumer.Database.CreateCommand("INSERT INTO parked_event VALUES ($1, $2, $3, $4, $5::jsonb, 'a reason')");
        park.Parameters.Add(new() { Value = TwoServices.Queue });
        park.Parameters.Add(new() { Value = cloudEvent.Source });
        park.Parameters.Add(new() { Value = cloudEvent.Epoch });
        park.Parameters.Add(new() { Value = EventHandlers.PositionOf(cloudEvent) });
        park.Parameters.Add(new() { Value = System.Text.Json.JsonSerializer.Serialize(cloudEvent, EventJson.Options) });
        await park.ExecuteNonQueryAsync(_cancelled);
    }

    private async Task HealthAsync(EventingHost host, HealthStatus status) =>
        await Eventually.EqualAsync(
            (status, null),
            async () =>
                await host.CheckAsync(LagHealthCheck.Name, _cancelled) is var entry && entry.Status == status
                    ? (status, null)
                    : (entry.Status, entry.Description),
            TwoServices.Deadline,
            "the health",
            _cancelled
        );
}
