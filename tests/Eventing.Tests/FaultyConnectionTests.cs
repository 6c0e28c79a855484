using BackendGuide.Testing;
using BackendGuide.Testing.Faults;
using Npgsql;

namespace BackendGuide.Eventing.Tests;

/// <summary>What happens when a server lives and the way to it does not.</summary>
public sealed class FaultyConnectionTests(ServersFixture servers)
{
    private const int Things = 10;
    private const int Rounds = 3;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly Guid[] _ids = [.. Enumerable.Range(0, Things).Select(_ => Guid.CreateVersion7())];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Writes_WhileTheWayToTheBrokerIsGone_AreTakenAndAppliedWhenItIsBack(bool isCut)
    {
        await using var faulty = await FaultyServices.CreateAsync(servers, _cancelled);
        var (producer, consumer) = await StartAsync(faulty);
        await SaveAllAsync(producer);
        await AppliedAsync(consumer, version: 1);

        Break(faulty.Broker.Proxy, isCut);
        for (var round = 1; round < Rounds; round++)
        {
            await SaveAllAsync(producer).WaitAsync(TimeSpan.FromSeconds(10), _cancelled); // no write waits for the broker
        }
        Assert.False(producer.WasRefused);
        await Eventually.TrueAsync(
            () => Task.FromResult(producer.WasRefused),
            TwoServices.Deadline,
            "a publish that is given up",
            _cancelled
        );
        faulty.Broker.Proxy.Resume();

        await AppliedAsync(consumer, version: Rounds);
        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_WhileTheWayToTheConsumersDatabaseIsGone_WaitAndAreAppliedWhenItIsBack(bool isCut)
    {
        await using var faulty = await FaultyServices.CreateAsync(servers, _cancelled);
        var (producer, consumer) = await StartAsync(faulty);
        await SaveAllAsync(producer);
        await AppliedAsync(consumer, version: 1);

        Break(faulty.ConsumerDatabase.Proxy, isCut);
        await SaveAllAsync(producer);
        await RelayedAsync(producer, 2 * Things);
        faulty.ConsumerDatabase.Proxy.Resume();

        await AppliedAsync(consumer, version: 2);
        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
        Assert.Equal(0, await consumer.CountAsync("parked_event", _cancelled));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Relay_WhileTheWayToItsDatabaseIsGone_GoesOnWhereItWasWhenItIsBack(bool isCut)
    {
        await using var faulty = await FaultyServices.CreateAsync(servers, _cancelled);
        var (producer, consumer) = await StartAsync(faulty);
        await SaveAllAsync(producer);
        await AppliedAsync(consumer, version: 1);

        Break(faulty.ProducerDatabase.Proxy, isCut);
        var saving = SaveAllAsync(producer);
        if (isCut)
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => saving); // its writer is told
        }
        else
        {
            await Assert.ThrowsAsync<TimeoutException>(() => saving.WaitAsync(TimeSpan.FromSeconds(3), _cancelled));
        }
        faulty.ProducerDatabase.Proxy.Resume();
        await Eventually.TrueAsync(() => TrySaveAsync(producer), TwoServices.Deadline, "a write", _cancelled);
        await Task.WhenAny(saving); // what stood still has gone on, or not

        // Which of the writes there are is not known; that each is applied is.
        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
    }

    private async Task<bool> TrySaveAsync(EventingHost producer)
    {
        try
        {
            await SaveAllAsync(producer);
            return true;
        }
        catch (NpgsqlException)
        {
            return false; // a pooled connection that was cut
        }
    }

    private static void Break(TcpFaultProxy proxy, bool isCut)
    {
        if (isCut)
        {
            proxy.Cut();
        }
        else
        {
            proxy.Stall();
        }
    }

    private async Task<(EventingHost Producer, EventingHost Consumer)> StartAsync(FaultyServices faulty)
    {
        var consumer = await faulty.Services.StartConsumerAsync(servers, _cancelled, settings: TwoServices.NothingFilled);
        return (await faulty.Services.StartProducerAsync(_cancelled), consumer);
    }

    private async Task SaveAllAsync(EventingHost producer)
    {
        foreach (var id in _ids)
        {
            await producer.SaveAsync(id, "Title", _cancelled);
        }
    }

    private Task<long> AppliedAsync(EventingHost consumer, long version) =>
        Eventually.EqualAsync(
            Things,
            () => consumer.Database.ScalarAsync<long>($"SELECT count(*) FROM thing_copy WHERE version = {version}", _cancelled),
            TwoServices.Deadline,
            $"things at version {version}",
            _cancelled
        );

    private Task<long> RelayedAsync(EventingHost producer, long position) =>
        Eventually.EqualAsync(
            position,
            () => producer.Database.ScalarAsync<long>("SELECT pos FROM relay_cursor", _cancelled),
            TwoServices.Deadline,
            "the relay's position",
            _cancelled
        );
}
