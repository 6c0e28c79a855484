using System.Collections.Concurrent;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace BackendGuide.Eventing.Tests.Evicting;

public sealed class EvictionListenerTests(ServersFixture servers) : IAsyncLifetime
{
    private const string By = "content";

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly Guid s_epoch = Guid.NewGuid();

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly EvictionLedger _ledger = new(TimeProvider.System, TimeSpan.FromMinutes(3));
    private readonly Told _told = new();
    private ProxiedServer _listenersWay = null!;
    private ProxiedServer _announcersWay = null!;
    private EvictionListener _listener = null!;
    private EvictionAnnouncer _announcer = null!;
    private string _broker = "";
    private long _there = 5;

    public async ValueTask InitializeAsync()
    {
        _broker = await servers.CreateVirtualHostAsync(_cancelled);
        _listenersWay = ProxiedServer.RabbitMq(_broker);
        _announcersWay = ProxiedServer.RabbitMq(_broker);
        _listener = new EvictionListener(
            [By],
            new Uri(_listenersWay.ConnectionString),
            (_, _) => Task.FromResult(At(Volatile.Read(ref _there))),
            _ledger,
            [_told],
            TimeProvider.System,
            NullLogger<EvictionListener>.Instance
        );
        _announcer = new EvictionAnnouncer(
            By,
            new Uri(_announcersWay.ConnectionString),
            new EventingOptions(),
            TimeProvider.System,
            NullLogger<EvictionAnnouncer>.Instance
        );
        await _listener.StartAsync(_cancelled);
        await _announcer.StartAsync(_cancelled);
        await ListeningAsync(true);
    }

    public async ValueTask DisposeAsync()
    {
        _listenersWay.Proxy.Resume();
        _announcersWay.Proxy.Resume();
        await _listener.StopAsync(CancellationToken.None);
        await _announcer.StopAsync(CancellationToken.None);
        _listener.Dispose();
        _announcer.Dispose();
        await _listenersWay.DisposeAsync();
        await _announcersWay.DisposeAsync();
    }

    [Fact]
    public async Task Announcements_ManyAtOnce_AreHeardInTheirOrder()
    {
        long[] positions = [.. Enumerable.Range(3, 500).Select(i => i * 2L)]; // not next to each other, so that none are joined
        await Task.WhenAll(positions.Select(position => _announcer.Announce(Of(position)))).WaitAsync(s_deadline, _cancelled);

        await HeardAsync(positions[^1]);
        Assert.Equal(positions, _told.Heard);
    }

    [Fact]
    public async Task Announcements_ToldTogether_AreAllHeard()
    {
        await _announcer.AnnounceAsync([Of(6), Of(8), Of(10)], _cancelled).WaitAsync(s_deadline, _cancelled);

        await HeardAsync(10);
        Assert.Equal([6L, 8, 10], _told.Heard);
    }

    [Fact]
    public async Task Listener_WhoseConnectionWasCut_BeginsAnewAndHoldsNothingFromBeforeForTrue()
    {
        Assert.True(IsCurrent(At(5)));
        _listenersWay.Proxy.Cut();
        await ListeningAsync(false);
        await _announcer.Announce(Of(6)).WaitAsync(s_deadline, _cancelled);
        Volatile.Write(ref _there, 6);
        Assert.True(IsCurrent(At(5))); // as old as it may get

        _listenersWay.Proxy.Resume();
        await ListeningAsync(true);

        Assert.False(IsCurrent(At(5)));
        Assert.True(IsCurrent(At(6)));
        Assert.DoesNotContain(6, _told.Heard);
        await _announcer.Announce(Of(7)).WaitAsync(s_deadline, _cancelled);
        await HeardAsync(7);
    }

    [Fact]
    public async Task Exchange_DeletedByAnOperator_IsHealedAndTheLossIsNoticed()
    {
        await using (var operation = await new ConnectionFactory { Uri = new Uri(_broker) }.CreateConnectionAsync(_cancelled))
        {
            await using var channel = await operation.CreateChannelAsync(cancellationToken: _cancelled);
            await channel.ExchangeDeleteAsync(EvictionExchange.Name, cancellationToken: _cancelled);
        }
        await _announcer.Announce(Of(6)).WaitAsync(s_deadline, _cancelled); // into nothing: the queue is bound to nothing any more

        await Eventually.TrueAsync(
            () =>
            {
                _announcer.Beat(EventSources.Content, s_epoch, 6);
                return Task.FromResult(_told.Losses > 0);
            },
            TimeSpan.FromSeconds(30), // 10 until it is bound again, 2 of patience, and what a busy machine adds
            "the loss",
            _cancelled
        );

        Assert.DoesNotContain(6, _told.Heard);
        Assert.False(IsCurrent(At(5)));
        Assert.True(IsCurrent(At(6)));
        Assert.True(_listener.IsListening);
        await _announcer.Announce(Of(7)).WaitAsync(s_deadline, _cancelled);
        await HeardAsync(7);
    }

    [Fact]
    public async Task Announcements_WhileTheBrokerIsAway_WaitAndAreHeardWhenItIsBack()
    {
        _announcersWay.Proxy.Cut();
        var announced = new[] { 6L, 8, 10 }.Select(position => _announcer.Announce(Of(position))).ToList();
        await Eventually.TrueAsync(() => Task.FromResult(_announcersWay.Proxy.Connections == 0), s_deadline, "the cut", _cancelled);
        Assert.DoesNotContain(announced, one => one.IsCompleted);

        _announcersWay.Proxy.Resume();
        await Task.WhenAll(announced).WaitAsync(s_deadline, _cancelled);

        await HeardAsync(10);
        Assert.Equal([6L, 8, 10], _told.Heard.Distinct());
    }

    [Fact]
    public async Task Announcement_BehindOneThatIsNotConfirmedYet_IsHeardAllTheSame()
    {
        // One way takes less than the limit for a confirm, there and back more: nothing is ever confirmed, and what waited for that would never be sent.
        _announcersWay.Proxy.Delay(new EventingOptions().ConfirmTimeout * 0.7);
        var announced = new[] { 6L, 8, 10 }.Select(position => _announcer.Announce(Of(position))).ToList();

        await HeardAsync(10);
        Assert.DoesNotContain(announced, one => one.IsCompleted);

        _announcersWay.Proxy.Resume();
        await Task.WhenAll(announced).WaitAsync(s_deadline, _cancelled);
        Assert.Equal([6L, 8, 10], _told.Heard.Distinct());
    }

    [Fact]
    public async Task Announcements_UnderWayWhenTheConnectionEnds_AreHeardAgainInTheirOrder()
    {
        _announcersWay.Proxy.Delay(new EventingOptions().ConfirmTimeout * 0.7); // they arrive, and their confirms not yet
        long[] positions = [.. Enumerable.Range(3, 3 * EvictionAnnouncer.MostUnconfirmed).Select(i => i * 2L)]; // not next to each other
        var announced = positions.Select(position => _announcer.Announce(Of(position))).ToList();
        await HeardAsync(positions[EvictionAnnouncer.MostUnconfirmed - 1]);
        _announcersWay.Proxy.Cut();
        var before = _told.Heard;

        _announcersWay.Proxy.Delay(TimeSpan.Zero);
        _announcersWay.Proxy.Resume();
        await Task.WhenAll(announced).WaitAsync(s_deadline, _cancelled);
        await HeardAsync(positions[^1]);

        var again = _told.Heard[before.Length..];
        Assert.Equal(positions[..before.Length], before);
        Assert.Equal(positions[^again.Length..], again);
        Assert.Equal(positions, _told.Heard.Distinct());
    }

    [Fact]
    public async Task Service_OfAnotherHistoryThanItWas_IsAskedWhereItIs()
    {
        var restored = Guid.NewGuid();
        await _announcer.Announce(Of(6) with { Epoch = restored }).WaitAsync(s_deadline, _cancelled);
        await HeardAsync(6);
        var begun = _told.Beginnings;

        await Eventually.TrueAsync(() => Task.FromResult(_told.Beginnings > begun), s_deadline, "a new beginning", _cancelled);

        Assert.True(IsCurrent(At(5))); // it was late: the service is where it was
    }

    private bool IsCurrent(ChangeCursor since) => _ledger.IsCurrent(By, since, since, ["guide:a"]);

    private Task<bool> ListeningAsync(bool isListening) =>
        Eventually.EqualAsync(isListening, () => Task.FromResult(_listener.IsListening), s_deadline, "the listener listens", _cancelled);

    private Task HeardAsync(long position) =>
        Eventually.TrueAsync(
            () => Task.FromResult(_told.Heard.Contains(position)),
            s_deadline,
            $"position {position} is heard",
            _cancelled
        );

    private static Eviction Of(long position) => new(By, EventSources.Content, s_epoch, position, position, ["guide:b"], []);

    private static ChangeCursor At(long position) => ChangeCursor.Start.With(EventSources.Content, new FeedPosition(s_epoch, position));

    private sealed class Told : IEvictionObserver
    {
        private readonly ConcurrentQueue<long> _heard = new();
        private int _beginnings;
        private int _losses;

        /// <summary>The positions, without those of heartbeats.</summary>
        public long[] Heard => [.. _heard];

        public int Losses => Volatile.Read(ref _losses);

        public int Beginnings => Volatile.Read(ref _beginnings);

        public void Begun(string by, ChangeCursor positions) => Interlocked.Increment(ref _beginnings);

        void IEvictionObserver.Heard(Eviction eviction)
        {
            if (eviction.To >= eviction.From)
            {
                _heard.Enqueue(eviction.To);
            }
        }

        public void Lost(string by) => Interlocked.Increment(ref _losses);
    }
}
