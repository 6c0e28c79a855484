using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BackendGuide.Eventing.Operating;
using BackendGuide.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackendGuide.Eventing.Tests.Operating;

/// <summary>A standstill is seen: by the figures, by the health, by the log.</summary>
public sealed class LagTests(ServersFixture servers) : IAsyncLifetime
{
    private const int AlarmRaised = 61;
    private const int Backlog = 500;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private FaultyServices _faulty = null!;

    public async ValueTask InitializeAsync() => _faulty = await FaultyServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _faulty.DisposeAsync();

    [Fact]
    public async Task Relay_ThatStandsStill_IsSeenAndAlarmsAndDrainsAfterwards()
    {
        var settings = new Dictionary<string, string>
        {
            ["LagLimit"] = "00:00:02",
            ["HoleAge"] = "00:05:00",
            ["ConfirmTimeout"] = "00:00:01",
        };
        var consumer = await _faulty.Services.StartConsumerAsync(servers, _cancelled, settings: settings);
        var producer = await _faulty.Services.StartProducerAsync(_cancelled, settings);
        await producer.SaveAsync(Guid.CreateVersion7(), "before", _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        Assert.Equal(HealthStatus.Healthy, (await producer.CheckAsync(LagHealthCheck.Name, _cancelled)).Status);
        using var gauges = new Gauges();

        _faulty.Broker.Proxy.Stall();
        for (var i = 0; i < Backlog; i++)
        {
            await producer.SaveAsync(Guid.CreateVersion7(), $"Title {i}", _cancelled);
        }

        await UntilAsync(() => gauges.Read("outbox_lag_events") >= Backlog, "events that are not published");
        await UntilAsync(() => gauges.Read("oldest_unpublished_seconds") > 2, "their age");
        await UntilAsync(() => gauges.Read("consumer_lag_events") >= Backlog, "events that are not applied");
        await Eventually.EqualAsync(
            HealthStatus.Degraded,
            async () => (await producer.CheckAsync(LagHealthCheck.Name, _cancelled)).Status,
            TwoServices.Deadline,
            "the health",
            _cancelled
        );
        await UntilAsync(() => producer.HasLogged(AlarmRaised), "the alarm");

        _faulty.Broker.Proxy.Resume();
        await Eventually.EqualAsync(
            1 + Backlog,
            () => consumer.CountAsync("thing_copy", _cancelled),
            TwoServices.Deadline,
            "things in the copy",
            _cancelled
        );
        await UntilAsync(() => gauges.Read("outbox_lag_events") == 0 && gauges.Read("consumer_lag_events") == 0, "nothing to come");
        await Eventually.EqualAsync(
            HealthStatus.Healthy,
            async () => (await producer.CheckAsync(LagHealthCheck.Name, _cancelled)).Status,
            TwoServices.Deadline,
            "the health afterwards",
            _cancelled
        );
    }

    [Fact]
    public async Task DeadLetters_OfAConsumer_AreMeasured()
    {
        var settings = new Dictionary<string, string> { ["TopologyAudit"] = "00:00:01" };
        await _faulty.Services.StartConsumerAsync(servers, _cancelled, settings: settings);
        using var gauges = new Gauges();
        await UntilAsync(() => gauges.Read("dead_letters") == 0, "no dead letter");

        await using var client = await PlainClient.ConnectAsync(_faulty.Services.Broker, servers, _cancelled);
        await client.PublishAsync($"{TwoServices.Queue}.dead", "", "{}"u8.ToArray(), _cancelled);
        await client.PublishAsync($"{TwoServices.Queue}.dead", "", "{}"u8.ToArray(), _cancelled);

        await UntilAsync(() => gauges.Read("dead_letters") == 2, "two dead letters");
    }

    [Fact]
    public async Task Commits_OfWrites_AreMeasuredByTheWaitForTheirPosition()
    {
        var waits = new ConcurrentQueue<double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "feed_lock_wait")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, wait, _, _) => waits.Enqueue(wait));
        listener.Start();
        await using var database = await TestDatabase.CreateAsync(servers, _cancelled);
        await using var holder = await database.DataSource.OpenConnectionAsync(_cancelled);
        await using var transaction = await holder.BeginTransactionAsync(_cancelled);
        await using var hold = new Npgsql.NpgsqlCommand("SELECT pg_advisory_xact_lock(724501)", holder, transaction);
        await hold.ExecuteNonQueryAsync(_cancelled);

        var write = database.Log.WriteAsync((tx, ct) => Things.SaveAsync(tx, Guid.CreateVersion7(), "held up", ct), _cancelled);
        await Eventually.TrueAsync(
            () =>
                database.DataSource.ScalarAsync<bool>(
                    "SELECT EXISTS (SELECT FROM pg_locks WHERE objid = 724501 AND NOT granted AND clock_timestamp() - waitstart > interval '300 milliseconds')",
                    _cancelled
                ),
            TwoServices.Deadline,
            "a commit that waits",
            _cancelled
        );
        await transaction.RollbackAsync(_cancelled);
        await write;

        Assert.Contains(waits, wait => wait >= 300);
    }

    private Task UntilAsync(Func<bool> condition, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), TwoServices.Deadline, what, _cancelled);
}
