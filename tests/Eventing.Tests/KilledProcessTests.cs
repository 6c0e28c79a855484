using System.Globalization;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests;

/// <summary>Real processes, killed and stopped at random moments.</summary>
public sealed class KilledProcessTests(ServersFixture servers) : IAsyncLifetime
{
    // More on demand: BACKENDGUIDE_KILLS=20.
    private static readonly int s_kills = int.Parse(
        Environment.GetEnvironmentVariable("BACKENDGUIDE_KILLS") ?? "5",
        CultureInfo.InvariantCulture
    );

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly Random _random = new(17);
    private TwoServices _services = null!;
    private string _consumerDatabase = "";

    public async ValueTask InitializeAsync()
    {
        _services = await TwoServices.CreateAsync(servers, _cancelled);
        _consumerDatabase = _services.ConsumerDatabase;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Event_ThatKillsTheProcess_IsParkedAndItsNeighboursAreNot()
    {
        const int Count = 1_000;
        // Its queue is there before the first event, and nothing takes from it yet.
        await _services.StopAsync(await _services.StartConsumerAsync(servers, _cancelled));
        var producer = await _services.StartProducerAsync(_cancelled);
        for (var i = 0; i < Count; i++)
        {
            await producer.SaveAsync(Guid.CreateVersion7(), i == 400 ? Things.Poison : $"Title {i}", _cancelled);
        }

        await using var watching = TestDatabase.Open(_consumerDatabase);
        var process = await StartConsumerAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                if (process.HasExited)
                {
                    await process.DisposeAsync();
                    process = await StartConsumerAsync();
                }
                return await watching.CountAsync("parked_event", _cancelled) == 1
                    && await watching.CountAsync("thing_copy", _cancelled) == Count - 1;
            },
            TimeSpan.FromMinutes(4),
            "everything but one event applied, and that one parked",
            _cancelled
        );
        await process.DisposeAsync();

        Assert.InRange(await watching.CountAsync("handled WHERE slug = 'poison'", _cancelled), 1, 6);
        Assert.Equal(
            0,
            await watching.CountAsync("(SELECT FROM effect GROUP BY slug, version HAVING count(*) > 1) AS doubled", _cancelled)
        );
    }

    [Fact]
    public async Task Consumer_KilledAgainAndAgain_LosesNothingAndDoesNothingTwice()
    {
        await _services.StopAsync(await _services.StartConsumerAsync(servers, _cancelled));
        var producer = await _services.StartProducerAsync(_cancelled);
        var ids = Enumerable.Range(0, 40).Select(_ => Guid.CreateVersion7()).ToArray();
        using var enough = new CancellationTokenSource();
        var writing = Task.Run(
            async () =>
            {
                for (var i = 0; !enough.IsCancellationRequested; i++)
                {
                    await producer.SaveAsync(ids[i % ids.Length], $"Title {i}", _cancelled);
                }
            },
            _cancelled
        );

        await using var watching = TestDatabase.Open(_consumerDatabase);
        for (var kill = 0; kill < s_kills; kill++)
        {
            var before = await watching.CountAsync("effect", _cancelled);
            await using var process = await StartConsumerAsync();
            var more = before + _random.Next(1, 100);
            await Eventually.TrueAsync(
                async () => await watching.CountAsync("effect", _cancelled) >= more,
                TwoServices.Deadline,
                "effects before the kill",
                _cancelled
            );
            await process.KillAsync();
        }
        await enough.CancelAsync();
        await writing;
        await using var last = await StartConsumerAsync();

        await Eventually.EqualAsync(
            await producer.Database.ScalarAsync<string>(Things.SourceSql, _cancelled),
            () => watching.DataSource.ScalarAsync<string>(Things.CopySql, _cancelled),
            TimeSpan.FromMinutes(2),
            "the copy",
            _cancelled
        );
        Assert.Equal(
            0,
            await watching.CountAsync("(SELECT FROM effect GROUP BY slug, version HAVING count(*) > 1) AS doubled", _cancelled)
        );
        Assert.Equal(0, await watching.CountAsync("parked_event", _cancelled));
    }

    [Fact]
    public async Task Leader_StoppedAndContinued_IsFollowedAndDoesNoHarmWhenItWakes()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        await using var leader = await ServiceProcess.StartAsync(_cancelled, "producer", _services.ProducerDatabase, _services.Broker);
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var id in ids)
        {
            await leader.SaveAsync(id, _cancelled);
        }
        await TwoServices.HandledAsync(consumer, ids.Length, _cancelled);
        var other = await _services.StartProducerAsync(_cancelled);
        Assert.False(other.HasLed);

        await leader.StopAsync();
        foreach (var id in ids)
        {
            await other.SaveAsync(id, "while the leader stands still", _cancelled);
        }
        // The server ends the leader's idle connection after 15 s, and the other takes over within seconds.
        await Eventually.TrueAsync(() => Task.FromResult(other.HasLed), TwoServices.Deadline, "another leader", _cancelled);
        await EqualStatesAsync(other, consumer);
        await leader.ContinueAsync();
        foreach (var id in ids)
        {
            await leader.SaveAsync(id, _cancelled);
        }

        await EqualStatesAsync(other, consumer);
        Assert.Equal(
            0,
            await consumer.CountAsync("(SELECT FROM effect GROUP BY slug, version HAVING count(*) > 1) AS doubled", _cancelled)
        );
        Assert.Equal(
            0,
            await consumer.CountAsync(
                "(SELECT version - lag(version) OVER (PARTITION BY slug ORDER BY seq) AS step FROM effect) AS steps WHERE step <= 0",
                _cancelled
            )
        );
        await Eventually.EqualAsync(
            3 * ids.Length,
            () => other.Database.ScalarAsync<long>("SELECT pos FROM relay_cursor", _cancelled),
            TwoServices.Deadline,
            "the relay's cursor",
            _cancelled
        );
    }

    private Task<ServiceProcess> StartConsumerAsync() =>
        ServiceProcess.StartAsync(
            _cancelled,
            "consumer",
            _consumerDatabase,
            _services.Broker,
            TwoServices.Queue,
            _services.ProducerDatabase
        );

    private async Task EqualStatesAsync(EventingHost producer, EventingHost consumer) =>
        await Eventually.EqualAsync(
            await producer.Database.ScalarAsync<string>(Things.SourceSql, _cancelled),
            () => consumer.Database.ScalarAsync<string>(Things.CopySql, _cancelled),
            TwoServices.Deadline,
            "the copy",
            _cancelled
        );
}
