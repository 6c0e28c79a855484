using BackendGuide.Eventing.Operating;
using BackendGuide.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.Eventing.Tests.Relaying;

public sealed class ParkingTests(ServersFixture servers) : IAsyncLifetime
{
    private const int Count = 1_000;

    // Of many that are under way at once some may come twice where a confirm is late: at least once is what is promised.
    private const string Handled = "(SELECT DISTINCT event_id FROM handled) AS h";
    private static readonly TimeSpan s_deadline = Sizes.Pick(quick: TwoServices.Deadline, full: TimeSpan.FromSeconds(10));
    private static readonly Dictionary<string, string> s_small = new() { ["MaxEventBytes"] = "65536" };

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Events_ThatCannotBePublished_AreParkedWhileTheOthersGoOn()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled, s_small);
        var (unreadable, oversize) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        await producer
            .Get<Eventing.Log.EventLog>()
            .WriteAsync(
                async (transaction, token) =>
                {
                    for (var i = 0; i < Count; i++)
                    {
                        var id =
                            i == 300 ? unreadable
                            : i == 600 ? oversize
                            : Guid.CreateVersion7();
                        await Things.SaveAsync(transaction, id, i == 600 ? new string('x', 100_000) : $"Title {i}", token);
                    }
                    await using var spoil = new Npgsql.NpgsqlCommand(
                        "UPDATE event_log SET headers = '[]' WHERE aggregate_id = $1",
                        transaction.Connection,
                        transaction
                    )
                    {
                        Parameters = { new() { Value = unreadable } },
                    };
                    return await spoil.ExecuteNonQueryAsync(token);
                },
                _cancelled
            );

        await Eventually.EqualAsync(
            Count - 2,
            () => consumer.CountAsync(Handled, _cancelled),
            s_deadline,
            "the other events, counted from their commit",
            _cancelled
        );
        await EqualAsync(2, () => producer.CountAsync("outbox_parked WHERE attempts = 5", _cancelled), "parked events");
        await EqualAsync(Count, () => producer.Database.ScalarAsync<long>("SELECT pos FROM relay_cursor", _cancelled), "the cursor");
        await EqualAsync(
            HealthStatus.Degraded,
            async () => (await producer.CheckAsync(LagHealthCheck.Name, _cancelled)).Status,
            "health with parked events"
        );
        // What the source has parked is no hole: the consumer is told so, and goes on.
        await EqualAsync(
            Count,
            () => consumer.Database.ScalarAsync<long>("SELECT contiguous_pos FROM source_progress", _cancelled),
            "the consumer's position"
        );

        await using var mend = producer.Database.CreateCommand(
            """UPDATE event_log SET headers = '{"subject":"things/mended"}' WHERE aggregate_id = $1"""
        );
        mend.Parameters.Add(new() { Value = unreadable });
        await mend.ExecuteNonQueryAsync(_cancelled);
        Assert.Equal(2, await producer.Get<Operations>().RedriveRelayAsync(_cancelled));

        await EqualAsync(Count - 1, () => consumer.CountAsync(Handled, _cancelled), "the mended event, too");
        await EqualAsync(1, () => producer.CountAsync("outbox_parked WHERE NOT redrive", _cancelled), "the one that is still too large");
        Assert.Contains(
            "65536",
            await producer.Database.ScalarAsync<string>("SELECT reason FROM outbox_parked", _cancelled),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Resource_WhoseEventIsParked_IsHealedByItsNextVersion()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled, s_small);
        var id = Guid.CreateVersion7();

        await producer.SaveAsync(id, new string('x', 100_000), _cancelled);
        await producer.SaveAsync(id, "short again", _cancelled);

        await EqualAsync(
            "short again",
            async () => await consumer.Database.ScalarAsync<string>("SELECT coalesce(max(title), '') FROM thing_copy", _cancelled),
            "the copy"
        );
        Assert.Equal(1, await producer.CountAsync("outbox_parked", _cancelled));
    }

    private Task<T> EqualAsync<T>(T expected, Func<Task<T>> probe, string what) =>
        Eventually.EqualAsync(expected, probe, TwoServices.Deadline, what, _cancelled);
}
