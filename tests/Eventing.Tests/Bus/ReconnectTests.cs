using BackendGuide.Eventing.Bus;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace BackendGuide.Eventing.Tests.Bus;

/// <summary>A consumer whose broker was away: it is back a few seconds after the broker, however often and however long that was.</summary>
public sealed class ReconnectTests(ServersFixture servers)
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Endpoint_ThatLooksForItsBroker_IsConnectedAfterARestart(bool isRunningBefore)
    {
        await using var faulty = await FaultyServices.CreateAsync(servers, _cancelled);
        var consumer = await faulty.Services.StartConsumerAsync(servers, _cancelled);
        var endpoint = consumer.Get<IConsumerEndpoint>();
        await IsConnectedAsync(endpoint, true);
        if (!isRunningBefore)
        {
            faulty.Broker.Proxy.Cut();
            await IsConnectedAsync(endpoint, false);
            await endpoint.RestartAsync(_cancelled); // in vain
            Assert.False(endpoint.IsConnected);
            faulty.Broker.Proxy.Resume();
        }

        await endpoint.RestartAsync(_cancelled);

        await IsConnectedAsync(endpoint, true);
        var producer = await faulty.Services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), "heard", _cancelled);
        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
        await using var client = await PlainClient.ConnectAsync(faulty.Services.Broker, servers, _cancelled);
        Assert.Equal(1u, await client.Channel.ConsumerCountAsync(TwoServices.Queue, _cancelled));
    }

    [Fact]
    public async Task Consumer_WhoseBrokerIsCutOffAgainAndAgain_HearsFromTheBrokerEachTime()
    {
        await using var faulty = await FaultyServices.CreateAsync(servers, _cancelled);
        var consumer = await faulty.Services.StartConsumerAsync(servers, _cancelled, settings: TwoServices.NothingFilled);
        var producer = await faulty.Services.StartProducerAsync(_cancelled);
        for (var cut = 1; cut <= Sizes.Pick(quick: 2, full: 8); cut++)
        {
            faulty.Broker.Proxy.Cut();
            await IsConnectedAsync(consumer.Get<IConsumerEndpoint>(), false);
            await producer.SaveAsync(Guid.CreateVersion7(), $"cut {cut}", _cancelled);
            faulty.Broker.Proxy.Resume();

            // Once or, where the cut came between its effect and its ack, twice.
            await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
        }
    }

    [Fact]
    public async Task Reconnect_IsForAnEmptyPlaceAtABrokerThatAnswers()
    {
        await using var faulty = await FaultyServices.CreateAsync(servers, _cancelled);
        var endpoint = new Place();
        var reconnect = new ConsumerReconnect(
            new ConsumerName(TwoServices.Queue),
            endpoint,
            new BrokerChannel(new Uri(faulty.Services.Broker)),
            TimeProvider.System,
            NullLogger<ConsumerReconnect>.Instance
        );

        endpoint.IsConnected = true;
        await LookAsync(reconnect, 2 * ConsumerReconnect.Looks);
        Assert.Equal(0, endpoint.Restarts);

        endpoint.IsConnected = false;
        await LookAsync(reconnect, ConsumerReconnect.Looks - 1);
        Assert.Equal(0, endpoint.Restarts); // it may be about to connect
        await LookAsync(reconnect, 1);
        Assert.Equal(1, endpoint.Restarts);

        await LookAsync(reconnect, ConsumerReconnect.Looks - 1);
        endpoint.IsConnected = true;
        await LookAsync(reconnect, 1);
        endpoint.IsConnected = false;
        await LookAsync(reconnect, ConsumerReconnect.Looks - 1);
        Assert.Equal(1, endpoint.Restarts);

        faulty.Broker.Proxy.Cut();
        await LookAsync(reconnect, 4 * ConsumerReconnect.Looks);
        Assert.Equal(1, endpoint.Restarts);
        faulty.Broker.Proxy.Resume();

        await LookAsync(reconnect, ConsumerReconnect.Looks);
        Assert.Equal(2, endpoint.Restarts);
        await LookAsync(reconnect, (2 * ConsumerReconnect.Looks) - 1); // it may need longer than that
        Assert.Equal(2, endpoint.Restarts);
        await LookAsync(reconnect, 1);
        Assert.Equal(3, endpoint.Restarts);
    }

    private async Task LookAsync(ConsumerReconnect reconnect, int times)
    {
        for (var look = 0; look < times; look++)
        {
            await reconnect.LookAsync(_cancelled);
        }
    }

    private async Task IsConnectedAsync(IConsumerEndpoint endpoint, bool expected) =>
        await Eventually.TrueAsync(
            () => Task.FromResult(endpoint.IsConnected == expected),
            TwoServices.Deadline,
            expected ? "an endpoint that is connected" : "an endpoint that is not connected",
            _cancelled
        );

    private sealed class Place : IConsumerEndpoint
    {
        public bool IsConnected { get; set; }

        public int Restarts { get; private set; }

        public Task RestartAsync(CancellationToken cancellationToken)
        {
            Restarts++;
            return Task.CompletedTask;
        }
    }
}
