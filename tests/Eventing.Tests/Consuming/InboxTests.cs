using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Consuming;

public sealed class InboxTests(ServersFixture servers) : IAsyncLifetime
{
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
    public async Task Event_OfAnUnknownType_IsParkedAndAcked()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var unknown = Things.Event("any", 1, 1, _epoch, "backendguide.thing.renamed.v9");

        await SendAsync(unknown, Things.Event("any", 2, 2, _epoch));

        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        await Eventually.EqualAsync(1, () => consumer.CountAsync("parked_event", _cancelled), TwoServices.Deadline, "parked", _cancelled);
        Assert.Equal(unknown.Id, await consumer.Database.ScalarAsync<Guid>("SELECT (event ->> 'id')::uuid FROM parked_event", _cancelled));
        await ExpectNothingLeftAsync();
    }

    [Fact]
    public async Task Events_DeliveredTwiceAndOutOfOrder_LeaveTheNewestState()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        CloudEvent[] versions = [.. Enumerable.Range(1, 3).Select(version => Things.Event("any", version, version, _epoch))];

        await SendAsync(versions[1], versions[2], versions[0], versions[1], versions[2], versions[0]);

        await TwoServices.HandledAsync(consumer, 6, _cancelled);
        Assert.Equal(
            "3 Title 3",
            await consumer.Database.ScalarAsync<string>("SELECT version || ' ' || title FROM thing_copy", _cancelled)
        );
        Assert.Equal(
            "3 3 {[1,4)}",
            await consumer.Database.ScalarAsync<string>(
                "SELECT contiguous_pos || ' ' || max_seen || ' ' || seen::text FROM source_progress",
                _cancelled
            )
        );
    }

    [Fact]
    public async Task Event_WhoseHandlerAlwaysFails_IsParkedAfterFiveAttemptsWhileOthersGoOn()
    {
        var attempts = 0;
        var consumer = await _services.StartConsumerAsync(
            servers,
            _cancelled,
            (transaction, envelope, thing, cancellationToken) =>
            {
                if (thing.Slug == "poison")
                {
                    attempts++;
                    throw new InvalidOperationException("This thing cannot be applied");
                }
                return Things.ApplyAsync(transaction, envelope, thing, cancellationToken);
            }
        );
        var poison = Things.Event("poison", 1, 1, _epoch);

        await SendAsync([poison, .. Enumerable.Range(2, 20).Select(position => Things.Event($"good-{position}", 1, position, _epoch))]);

        await TwoServices.HandledAsync(consumer, 20, _cancelled);
        await Eventually.EqualAsync(1, () => consumer.CountAsync("parked_event", _cancelled), TwoServices.Deadline, "parked", _cancelled);
        Assert.InRange(attempts, 5, 6); // the first delivery is tried together with others, and then alone
        Assert.Equal(poison.Id, await consumer.Database.ScalarAsync<Guid>("SELECT (event ->> 'id')::uuid FROM parked_event", _cancelled));
        await ExpectNothingLeftAsync();
    }

    [Fact]
    public async Task Event_WhoseRowTheDatabaseRefuses_IsParkedWhileItsNeighboursAreCopied()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var tooLong = RandomNumberGenerator.GetHexString(10_000); // for an index
        var refused = Things.Event(tooLong, 1, 8, _epoch, Things.Removed);

        await SendAsync([
            .. Enumerable
                .Range(1, 20)
                .Select(position => position == 8 ? refused : Things.Event($"good-{position}", 1, position, _epoch, Things.Removed)),
        ]);

        await Eventually.EqualAsync(1, () => consumer.CountAsync("parked_event", _cancelled), TwoServices.Deadline, "parked", _cancelled);
        await Eventually.EqualAsync(
            19,
            () => consumer.CountAsync("thing_copy WHERE deleted AND slug LIKE 'good-%'", _cancelled),
            TwoServices.Deadline,
            "copied",
            _cancelled
        );
        Assert.Equal(refused.Id, await consumer.Database.ScalarAsync<Guid>("SELECT (event ->> 'id')::uuid FROM parked_event", _cancelled));
        await ExpectNothingLeftAsync();
    }

    [Fact]
    public async Task Event_WhoseHandlerMeetsATransientFault_IsTriedInPlace()
    {
        ConcurrentQueue<string> calls = [];
        var consumer = await _services.StartConsumerAsync(
            servers,
            _cancelled,
            async (transaction, envelope, thing, cancellationToken) =>
            {
                calls.Enqueue(envelope.Position);
                if (calls.Count <= 2)
                {
                    const string Sql = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = 'serialization_failure'; END $$";
                    await using var fault = new NpgsqlCommand(Sql, transaction.Connection, transaction);
                    await fault.ExecuteNonQueryAsync(cancellationToken);
                }
                await Things.ApplyAsync(transaction, envelope, thing, cancellationToken);
            }
        );

        await SendAsync(Things.Event("any", 1, 1, _epoch), Things.Event("any", 2, 2, _epoch));

        await TwoServices.HandledAsync(consumer, 2, _cancelled);
        Assert.Equal(4, calls.Count); // two that met the fault, and each event once
        Assert.Equal(0, await consumer.CountAsync("attempt", _cancelled));
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("{}")]
    [InlineData("""{"type":"backendguide.thing.changed.v1","position":"one"}""")]
    public async Task Message_ThatIsNoEvent_EndsInTheDeadLetterQueueWhileOthersGoOn(string body)
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);

        await _client.PublishAsync(TwoServices.Queue, Things.Changed, Encoding.UTF8.GetBytes(body), _cancelled);
        await SendAsync(Things.Event("any", 1, 1, _epoch));

        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        await Eventually.EqualAsync(
            1u,
            () => _client.CountAsync($"{TwoServices.Queue}.dead", _cancelled),
            TwoServices.Deadline,
            "dead letters",
            _cancelled
        );
    }

    // To the queue's own exchange, as what its bindings let through.
    private async Task SendAsync(params CloudEvent[] events)
    {
        foreach (var cloudEvent in events)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(cloudEvent, EventJson.Options);
            await _client.PublishAsync(TwoServices.Queue, cloudEvent.Type, body, _cancelled);
        }
    }

    // Once the consumer has gone, what it had not acked is in its queue again.
    private async Task ExpectNothingLeftAsync()
    {
        await _services.DisposeAsync();
        Assert.Equal(0u, await _client.CountAsync(TwoServices.Queue, _cancelled));
        Assert.Equal(0u, await _client.CountAsync($"{TwoServices.Queue}.dead", _cancelled));
    }
}
