using System.Diagnostics;
using BackendGuide.Eventing.Operating;
using BackendGuide.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Operating;

/// <summary>
/// The relay alone stands still: somebody who does nothing holds its lock. Broker, database and every instance are well, and nothing fails
/// but that nothing happens.
/// </summary>
public sealed class StandstillTests(ServersFixture servers) : IAsyncLifetime
{
    private const int AlarmRaised = 61;
    private static readonly int s_backlog = Sizes.Pick(quick: 2_000, full: 20_000);

    // Full: the service's own limits. It is Degraded from 30 s on, and the alarm comes with the first look after 60.
    private static readonly Dictionary<string, string> s_settings = new(
        Sizes.Pick<KeyValuePair<string, string>[]>(quick: [new("LagLimit", "00:00:02")], full: [])
    )
    {
        ["HoleAge"] = "00:05:00", // the consumer waits for the relay, so that what is drained is drained by it
    };

    private static readonly TimeSpan s_degraded = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_alarm = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan s_figures = Sizes.Pick(quick: TwoServices.Deadline, full: TimeSpan.FromSeconds(10));

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Relay_ThatNobodyLeads_IsSeenAndAlarmsAndDrainsFastAfterwards()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: s_settings);
        var first = await _services.StartProducerAsync(_cancelled);
        await first.SaveAsync(Guid.CreateVersion7(), "before", _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        await _services.StopAsync(first);
        await using var holding = new NpgsqlConnection(_services.ProducerDatabase + ";Pooling=false");
        await holding.OpenAsync(_cancelled);
        await using var hold = new NpgsqlCommand($"SELECT pg_advisory_lock({Leadership.Relay})", holding);
        await hold.ExecuteNonQueryAsync(_cancelled);
        var producer = await _services.StartProducerAsync(_cancelled, s_settings);
        Assert.Equal(HealthStatus.Healthy, (await producer.CheckAsync(LagHealthCheck.Name, _cancelled)).Status);

        var late = Stopwatch.StartNew();
        using (var gauges = new Gauges())
        {
            await producer.SaveAsync(Guid.CreateVersion7(), "late", _cancelled);
            await UntilAsync(
                () => gauges.Read("outbox_lag_events") > 0 && gauges.Read("oldest_unpublished_seconds") > 0,
                s_figures,
                "the figures"
            );
        }
        await WriteAsync(producer, s_backlog - 1);
        await Eventually.EqualAsync(
            HealthStatus.Degraded,
            async () => (await producer.CheckAsync(LagHealthCheck.Name, _cancelled)).Status,
            s_degraded - late.Elapsed,
            "the health",
            _cancelled
        );
        var degraded = late.Elapsed;
        await UntilAsync(() => producer.HasLogged(AlarmRaised), s_alarm - late.Elapsed, "the alarm");
        var alarmed = late.Elapsed;
        await UntilAsync(() => producer.Get<RelayState>().LagEvents == s_backlog, s_figures, "the whole backlog in the figures");
        Assert.False(producer.HasLed);

        await holding.CloseAsync();
        await UntilAsync(() => producer.HasLed, TwoServices.Deadline, "a leader");
        var draining = Stopwatch.StartNew();
        await Eventually.EqualAsync(
            1 + s_backlog,
            () => consumer.Database.ScalarAsync<long>("SELECT contiguous_pos FROM source_progress", _cancelled),
            TimeSpan.FromMinutes(2),
            "the consumer's position",
            _cancelled
        );
        var rate = s_backlog / draining.Elapsed.TotalSeconds;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"degraded after {degraded.TotalSeconds:0.0} s, alarm after {alarmed.TotalSeconds:0.0} s; {s_backlog} events drained at {rate:0}/s"
        );
        Assert.InRange(rate, Sizes.Pick(quick: 1.0, full: 1_000.0), double.MaxValue);
        Assert.Equal(0, await producer.CountAsync("outbox_parked", _cancelled));
        await Eventually.EqualAsync(
            HealthStatus.Healthy,
            async () => (await producer.CheckAsync(LagHealthCheck.Name, _cancelled)).Status,
            TwoServices.Deadline,
            "the health afterwards",
            _cancelled
        );
    }

    private async Task WriteAsync(EventingHost producer, int count)
    {
        var ids = Enumerable.Range(0, count / 10).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var chunk in Enumerable.Range(0, count).Chunk(500))
        {
            await producer
                .Get<Eventing.Log.EventLog>()
                .WriteAsync(
                    async (transaction, token) =>
                    {
                        foreach (var i in chunk)
                        {
                            await Things.SaveAsync(transaction, ids[i % ids.Length], $"Title {i}", token);
                        }
                        return chunk.Length;
                    },
                    _cancelled
                );
        }
    }

    private Task UntilAsync(Func<bool> condition, TimeSpan deadline, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), deadline, what, _cancelled);
}
