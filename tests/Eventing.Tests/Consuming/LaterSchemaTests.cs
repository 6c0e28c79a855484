using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Contracts;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Consuming;

/// <summary>A producer of the next version, and a consumer of this one: as bytes over the broker, for that is all they share.</summary>
public sealed class LaterSchemaTests(ServersFixture servers) : IAsyncLifetime
{
    private const string Tomorrow = "backendguide.thing.renamed.v9";
    private const int UnknownEvery = 100;
    private static readonly int s_events = Sizes.Pick(quick: 500, full: 10_000);

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly Guid _epoch = Guid.NewGuid();
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
    public async Task Events_OfALaterProducer_AreAppliedAndUnknownTypesParked()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var unknown = s_events / UnknownEvery;

        foreach (var inFlight in Enumerable.Range(1, s_events).Chunk(100))
        {
            await Task.WhenAll(inFlight.Select(PublishAsync).ToList());
        }

        await Eventually.EqualAsync(
            s_events,
            () => consumer.Database.ScalarAsync<long>("SELECT coalesce(max(contiguous_pos), 0) FROM source_progress", _cancelled),
            TimeSpan.FromMinutes(3),
            "the consumer's position",
            _cancelled
        );
        Assert.Equal(s_events - unknown, await consumer.CountAsync("handled", _cancelled));
        Assert.Equal(s_events - unknown, await consumer.CountAsync("thing_copy WHERE title = 'Title 1'", _cancelled));
        Assert.Equal(unknown, await consumer.CountAsync($"parked_event WHERE event ->> 'type' = '{Tomorrow}'", _cancelled));
        Assert.Equal(unknown, await consumer.CountAsync("parked_event", _cancelled));
        Assert.Equal(0, await consumer.CountAsync("attempt", _cancelled));
        Assert.Equal(0u, await _client.CountAsync($"{TwoServices.Queue}.dead", _cancelled));
    }

    private Task PublishAsync(int position)
    {
        var type = position % UnknownEvery == 0 ? Tomorrow : Things.Changed;
        var today = Things.Event($"thing-{position}", 1, position, _epoch, type);
        return _client.PublishAsync("backendguide.events", type, Later(today), _cancelled);
    }

    // Properties that are not known today: in the data, at its beginning and nested, and extension attributes of the envelope.
    private static byte[] Later(CloudEvent cloudEvent)
    {
        var envelope = JsonSerializer.SerializeToNode(cloudEvent, EventJson.Options)!.AsObject();
        envelope["data"]!.AsObject().Insert(0, "colour", new JsonObject { ["name"] = "blue", ["shades"] = new JsonArray(1, 2) });
        envelope.Insert(0, "tenant", "none");
        envelope["priority"] = 7;
        return JsonSerializer.SerializeToUtf8Bytes(envelope);
    }
}
