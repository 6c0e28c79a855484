using BackendGuide.Eventing.Bus;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Operating;
using BackendGuide.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace BackendGuide.Eventing.Tests.Bus;

/// <summary>A consumer that is connected and hears nothing. Each test looks as often as it takes; how long that is, a setting says.</summary>
public sealed class WatchdogTests(ServersFixture servers) : IAsyncLifetime
{
    // A queue that the inbox of no consumer is behind: whoever waits for its events is deaf.
    private const string DeafQueue = "deaf.things";
    private const int EndlessExitCode = 1;

    private static readonly Dictionary<string, string> s_withoutFeed = new() { ["HoleAge"] = "00:05:00", ["SourcePoll"] = "00:00:00.1" };

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly int _exitCode = Environment.ExitCode;
    private readonly Lifetime _lifetime = new();
    private readonly CountedEndpoint _endpoint = new();
    private TwoServices _services = null!;
    private PlainClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _services = await TwoServices.CreateAsync(servers, _cancelled);
        _client = await PlainClient.ConnectAsync(_services.Broker, servers, _cancelled);
        await _client.Channel.QueueDeclareAsync(DeafQueue, true, false, false, cancellationToken: _cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        Environment.ExitCode = _exitCode;
        await _services.DisposeAsync();
        await _client.DisposeAsync();
    }

    [Fact]
    public async Task Consumer_ThatHearsNothingOfWhatWaits_IsRestartedAndThenEndsTheProcess()
    {
        var watchdog = await WatchDeafAsync();
        await _client.PublishAsync("", DeafQueue, [1], _cancelled);

        await LookAsync(watchdog, ConsumerWatchdog.Looks - 1);
        Assert.Equal((0, false), (_endpoint.Restarts, _lifetime.IsStopping));
        await LookAsync(watchdog, 1);
        Assert.Equal((1, false), (_endpoint.Restarts, _lifetime.IsStopping));
        await LookAsync(watchdog, ConsumerWatchdog.Looks);

        Assert.Equal((1, true, 1), (_endpoint.Restarts, _lifetime.IsStopping, Environment.ExitCode));
    }

    [Fact]
    public async Task Consumer_ThatHasLostItsPlaceAtAnEmptyQueue_IsRestarted()
    {
        var watchdog = await WatchDeafAsync();

        await LookAsync(watchdog, ConsumerWatchdog.Looks);

        Assert.Equal(1, _endpoint.Restarts);
    }

    [Fact]
    public async Task Restart_ThatFails_EndsTheProcess()
    {
        var watchdog = await WatchDeafAsync();
        _endpoint.CannotStart = true;

        await LookAsync(watchdog, ConsumerWatchdog.Looks);

        Assert.Equal((true, 1), (_lifetime.IsStopping, Environment.ExitCode));
    }

    [Fact]
    public async Task Consumer_OfAnIdleQueue_IsLeftAlone()
    {
        await _services.StartProducerAsync(_cancelled);
        var consumer = await _services.StartConsumerAsync(servers, _cancelled);
        await UntilAsync(() => consumer.Get<ConsumerState>().Undelivered == 0, "the lag known");

        await LookAsync(Watch(consumer, TwoServices.Queue, _services.Broker, _endpoint), 3 * ConsumerWatchdog.Looks);

        Assert.Equal((0, false), (_endpoint.Restarts, _lifetime.IsStopping));
    }

    [Fact]
    public async Task Consumer_WhoseBrokerIsAway_IsLeftAlone()
    {
        var host = await _services.StartProducerAsync(_cancelled);
        var nowhere = new UriBuilder(_services.Broker) { Host = "127.0.0.1", Port = FreePorts.Take() }
            .Uri
            .AbsoluteUri;
        var watchdog = Watch(host, DeafQueue, nowhere, _endpoint);

        for (var look = 0; look < 2 * ConsumerWatchdog.Looks; look++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => watchdog.LookAsync(_cancelled));
        }

        Assert.Equal((0, false), (_endpoint.Restarts, _lifetime.IsStopping));
    }

    [Fact]
    public async Task Consumer_WhoseEventsWaitForItsDatabase_IsLeftAlone()
    {
        await using var faulty = await FaultyServices.CreateAsync(servers, _cancelled);
        var consumer = await faulty.Services.StartConsumerAsync(servers, _cancelled);
        var producer = await faulty.Services.StartProducerAsync(_cancelled);
        var watchdog = Watch(
            consumer,
            TwoServices.Queue,
            faulty.Services.Broker,
            _endpoint,
            new EventingOptions { HandlerTimeout = TimeSpan.Zero }
        );
        faulty.ConsumerDatabase.Proxy.Cut();
        await producer.SaveAsync(Guid.CreateVersion7(), "waits", _cancelled);
        await UntilAsync(() => consumer.Get<EventInbox>().InHand == 1, "an event in hand");
        await UntilAsync(() => consumer.Get<ConsumerState>().Undelivered is null, "the lag unknown");

        await LookAsync(watchdog, 3 * ConsumerWatchdog.Looks);

        Assert.Equal((0, false), (_endpoint.Restarts, _lifetime.IsStopping));
        faulty.ConsumerDatabase.Proxy.Resume();
        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
    }

    [Fact]
    public async Task Consumer_WhoseEventsSomebodyHoldsUnacked_IsRestartedOnceAndTakesThemWhenTheyAreBack()
    {
        var consumer = await _services.StartConsumerAsync(servers, _cancelled, settings: s_withoutFeed);
        var producer = await _services.StartProducerAsync(_cancelled);
        var holder = await PlainClient.ConnectAsync(_services.Broker, servers, _cancelled);
        await HoldEverythingAsync(holder);
        await producer.SaveAsync(Guid.CreateVersion7(), "held", _cancelled);
        await UntilAsync(() => consumer.Get<ConsumerState>().Undelivered > 0, "an event that the broker has and nobody applies");
        var watchdog = Watch(consumer, TwoServices.Queue, _services.Broker, _endpoint.Over(consumer.Get<IConsumerEndpoint>()));

        await LookAsync(watchdog, ConsumerWatchdog.Looks);
        Assert.Equal(1, _endpoint.Restarts);
        await LookAsync(watchdog, 3 * ConsumerWatchdog.Looks);
        Assert.Equal((1, false), (_endpoint.Restarts, _lifetime.IsStopping));

        await holder.DisposeAsync();
        await TwoServices.EverythingHandledAsync(producer.Database, consumer.Database, _cancelled);
        Assert.Equal(1u, await _client.Channel.ConsumerCountAsync(TwoServices.Queue, _cancelled));
    }

    [Fact]
    public async Task Process_WhoseHandlersNeverEnd_EndsWithExitCodeOne()
    {
        await using var process = await ServiceProcess.StartAsync(
            _cancelled,
            "consumer",
            _services.ConsumerDatabase,
            _services.Broker,
            TwoServices.Queue,
            _services.ProducerDatabase,
            "--ConsumerStall=00:00:10",
            "--HandlerTimeout=00:00:01",
            "--HoleAge=00:05:00"
        );
        var producer = await _services.StartProducerAsync(_cancelled);
        await producer.SaveAsync(Guid.CreateVersion7(), Things.Endless, _cancelled);

        await Eventually.TrueAsync(() => Task.FromResult(process.HasExited), TimeSpan.FromMinutes(5), "the process's end", _cancelled);

        Assert.Equal(EndlessExitCode, process.ExitCode);
    }

    private async Task<ConsumerWatchdog> WatchDeafAsync() =>
        Watch(await _services.StartProducerAsync(_cancelled), DeafQueue, _services.Broker, _endpoint);

    private ConsumerWatchdog Watch(
        EventingHost host,
        string queue,
        string broker,
        IConsumerEndpoint endpoint,
        EventingOptions? options = null
    ) =>
        new(
            queue,
            host.Get<EventInbox>(),
            host.Get<ConsumerState>(),
            new BrokerChannel(new Uri(broker)),
            endpoint,
            options ?? new EventingOptions(),
            _lifetime,
            TimeProvider.System,
            NullLogger<ConsumerWatchdog>.Instance
        )
        {
            Exit = _ => { }, // this process goes on
        };

    private async Task LookAsync(ConsumerWatchdog watchdog, int times)
    {
        for (var look = 0; look < times; look++)
        {
            await watchdog.LookAsync(_cancelled);
        }
    }

    // Of a higher priority, it gets all that comes, and neither takes it nor gives it back.
    private async Task HoldEverythingAsync(PlainClient holder)
    {
        var priority = new Dictionary<string, object?> { ["x-priority"] = 10 };
        var silent = new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(holder.Channel);
        await holder.Channel.BasicConsumeAsync(TwoServices.Queue, false, "holder", false, false, priority, silent, _cancelled);
    }

    private Task UntilAsync(Func<bool> isSo, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(isSo()), TwoServices.Deadline, what, _cancelled);

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public bool IsStopping { get; private set; }

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => IsStopping = true;
    }

    /// <summary>Counts what the watchdog does, and does it to a real endpoint where one is given.</summary>
    private sealed class CountedEndpoint : IConsumerEndpoint
    {
        private IConsumerEndpoint? _real;

        public bool IsConnected => true;

        public int Restarts { get; private set; }

        public bool CannotStart { get; set; }

        public CountedEndpoint Over(IConsumerEndpoint real)
        {
            _real = real;
            return this;
        }

        public Task RestartAsync(CancellationToken cancellationToken)
        {
            Restarts++;
            return CannotStart
                ? Task.FromException(new TimeoutException("It does not connect."))
                : _real?.RestartAsync(cancellationToken) ?? Task.CompletedTask;
        }
    }
}
