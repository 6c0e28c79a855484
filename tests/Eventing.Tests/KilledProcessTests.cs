using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests;

/// <summary>Consumers that are real processes, and die of an event or at random moments.</summary>
public sealed class KilledProcessTests(ServersFixture servers) : IAsyncLifetime
{
    private static readonly int s_kills = Sizes.Pick(5, 20);

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

        await TwoServices.EverythingHandledAsync(producer.Database, watching.DataSource, _cancelled);
        await TwoServices.NothingTwiceOrBackwardsAsync(watching.DataSource, _cancelled);
        Assert.Equal(
            await producer.Database.ScalarAsync<string>(Things.SourceSql, _cancelled),
            await watching.DataSource.ScalarAsync<string>(Things.CopySql, _cancelled)
        );
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{s_kills} kills, {await watching.CountAsync("effect", _cancelled)} effects of {await producer.CountAsync("feed", _cancelled)} events"
        );
    }

    private Task<ServiceProcess> StartConsumerAsync() =>
        ServiceProcess.StartAsync(
            _cancelled,
            "consumer",
            _consumerDatabase,
            _services.Broker,
            TwoServices.Queue,
            _services.ProducerDatabase,
            "--HoleAge=00:05:00", // what is lost stays lost, see TwoServices.NothingFilled
            "--Prefetch=32"
        );
}
