using System.Text;
using BackendGuide.Eventing.Operating;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Operating;

public sealed class OperationsTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Status_OfARelayWithoutQueues_CountsWhatIsNotPublished()
    {
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "one", _cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "two", _cancelled);

        var status = await UntilAsync(producer, status => status.Relay is { LagEvents: 2, LagSeconds: > 0, Leader: not null });

        Assert.Equal((0, 2, 0, 0), (status.Relay.Position, status.Relay.Head, status.Relay.Floor, status.Relay.Parked));
        Assert.Equal("things", status.Service);
    }

    [Fact]
    public async Task Status_OfAConsumer_SaysWhereItIsAndWhoLooksAfterIt()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "one", _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);

        var status = await UntilAsync(
            consumer,
            status => status.Consumers[0] is { Position: 1, Head: 1, DeadLettered: 0, Leader: not null }
        );

        var one = Assert.Single(status.Consumers);
        Assert.Equal((TwoServices.Queue, EventingHost.Source, 0, 0.0), (one.Name, one.Source, one.LagEvents, one.LagSeconds));
        Assert.Equal(await producer.Database.ScalarAsync<Guid>("SELECT epoch FROM feed_meta", _cancelled), one.Epoch);
    }

    [Fact]
    public async Task Redrive_OfParkedEvents_AppliesThoseThatCanBe()
    {
        var isBroken = true;
        var consumer = await _services.StartConsumerAsync(
            servers,
            _cancelled,
            (transaction, envelope, thing, token) =>
                isBroken || thing.Title == "never"
                    ? throw new InvalidOperationException($"No place for {thing.Title}")
                    : Things.ApplyAsync(transaction, envelope, thing, token)
        );
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "later", _cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "never", _cancelled);
        var parked = await UntilAsync(consumer, status => status.Consumers[0].Parked == 2);
        Assert.Equal(2, parked.Consumers[0].Position); // parked is passed: others go on

        isBroken = false;
        var redriven = await consumer.Get<Operations>().RedriveConsumerAsync(_cancelled);

        Assert.Equal(new Redriven(Applied: 1, StillParked: 1, DeadLettered: 0), redriven);
        Assert.Equal("later", await consumer.Database.ScalarAsync<string>("SELECT title FROM thing_copy", _cancelled));
        Assert.Equal("No place for never", await consumer.Database.ScalarAsync<string>("SELECT reason FROM parked_event", _cancelled));
    }

    [Fact]
    public async Task Redrive_OfDeadLetters_GivesThemBackToTheQueue()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "first", _cancelled);
        await TwoServices.HandledAsync(consumer, 1, _cancelled);
        await using var client = await PlainClient.ConnectAsync(_services.Broker, servers, _cancelled);
        var epoch = await producer.Database.ScalarAsync<Guid>("SELECT epoch FROM feed_meta", _cancelled);
        foreach (var position in new[] { 7, 8 })
        {
            var body = System.Text.Json.JsonSerializer.Serialize(Things.Event($"dead-{position}", 1, position, epoch), EventJson.Options);
            await client.PublishAsync($"{TwoServices.Queue}.dead", "", Encoding.UTF8.GetBytes(body), _cancelled);
        }
        await UntilAsync(consumer, status => status.Consumers[0].DeadLettered == 2);

        var redriven = await consumer.Get<Operations>().RedriveConsumerAsync(_cancelled);

        Assert.Equal(2, redriven.DeadLettered);
        await TwoServices.HandledAsync(consumer, 3, _cancelled);
        await UntilAsync(consumer, status => status.Consumers[0].DeadLettered == 0);
    }

    [Fact]
    public async Task Compare_OfACopyThatWasTamperedWith_NamesEachRowAndARebuildMendsItWhileReadsGoOn()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        var ids = Enumerable.Range(0, 50).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var id in ids)
        {
            await producer.SaveAsync(id, $"Title of {id}", _cancelled);
        }
        await TwoServices.HandledAsync(consumer, ids.Length, _cancelled);
        Assert.Equal(0, (await CompareAsync(consumer)).DifferingTotal);
        var (changed, missing) = (Things.SlugOf(ids[3]), Things.SlugOf(ids[7]));
        await ExecuteAsync(consumer, $"UPDATE thing_copy SET title = 'tampered' WHERE slug = '{changed}'");
        await ExecuteAsync(consumer, $"DELETE FROM thing_copy WHERE slug = '{missing}'");
        await ExecuteAsync(
            consumer,
            "INSERT INTO thing_copy SELECT 'phantom', source_epoch, 1, 1, false, 'never was' FROM thing_copy LIMIT 1"
        );

        var differing = await CompareAsync(consumer);

        Assert.Equal((TwoServices.Queue, ids.Length, 3), (differing.Projection, differing.Rows, differing.DifferingTotal));
        Assert.Equal(
            ["phantom", changed, missing],
            differing.Differing.Select(row => row.Id).OrderBy(id => id != "phantom").ThenBy(id => id != changed)
        );
        Assert.Equal("", differing.Differing.Single(row => row.Id == "phantom").Source);
        Assert.Equal("", differing.Differing.Single(row => row.Id == missing).Copy);

        using var mended = new CancellationTokenSource();
        var reading = ReadAllTheTimeAsync(consumer, mended.Token);
        await consumer.Get<Operations>().RequestRebuildAsync(_cancelled);
        await UntilAsync(consumer, status => !status.Consumers[0].Rebuilding);
        Assert.Equal(0, (await CompareAsync(consumer)).DifferingTotal);
        await mended.CancelAsync();

        Assert.True(await reading >= ids.Length - 1, "A reader saw the copy emptied.");
        Assert.Equal(ids.Length, await consumer.CountAsync("thing_copy", _cancelled));
    }

    [Fact]
    public async Task Rebuild_WhileEventsCome_UndoesNoneOfThem()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        var producer = await _services.StartProducerAsync(_cancelled);
        var ids = Enumerable.Range(0, 10).Select(_ => Guid.CreateVersion7()).ToArray();
        for (var i = 0; i < 300; i++)
        {
            await producer.SaveAsync(ids[i % ids.Length], $"Title {i}", _cancelled);
            if (i % 60 == 30)
            {
                await consumer.Get<Operations>().RequestRebuildAsync(_cancelled);
            }
        }

        await Eventually.EqualAsync(
            await producer.Database.ScalarAsync<string>(Things.SourceSql, _cancelled),
            () => consumer.Database.ScalarAsync<string>(Things.CopySql, _cancelled),
            TwoServices.Deadline,
            "the copy",
            _cancelled
        );
        await UntilAsync(consumer, status => !status.Consumers[0].Rebuilding);
        Assert.Equal(0, (await CompareAsync(consumer)).DifferingTotal);
        Assert.Equal(
            0,
            await consumer.CountAsync(
                "(SELECT version - lag(version) OVER (PARTITION BY slug ORDER BY seq) AS step FROM effect) AS steps WHERE step < 0",
                _cancelled
            )
        );
    }

    private async Task<Eventing.Consuming.Comparison> CompareAsync(EventingHost consumer) =>
        Assert.Single(await consumer.Get<Operations>().CompareAsync(_cancelled));

    private static async Task<long> ReadAllTheTimeAsync(EventingHost consumer, CancellationToken stopping)
    {
        var fewest = long.MaxValue;
        while (!stopping.IsCancellationRequested)
        {
            fewest = Math.Min(fewest, await consumer.CountAsync("thing_copy", CancellationToken.None));
        }
        return fewest;
    }

    private async Task<ServiceStatus> UntilAsync(EventingHost host, Predicate<ServiceStatus> condition)
    {
        ServiceStatus? status = null;
        await Eventually.TrueAsync(
            async () => condition(status = await host.Get<Operations>().ReadStatusAsync(_cancelled)),
            TwoServices.Deadline,
            $"the status of {host.Get<ConsumerState>().Name}",
            _cancelled
        );
        return status!;
    }

    private async Task ExecuteAsync(EventingHost host, string sql)
    {
        await using var command = host.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(_cancelled);
    }
}
