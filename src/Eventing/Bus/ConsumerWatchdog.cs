using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Operating;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// Notices a consumer that is connected and hears nothing. First it takes its place at the queue anew; where that fails, or does not help, the process
/// ends, and whoever runs it starts it again. Heard is what came from the broker and is done with; what the source's feed brought is not.
/// <list type="bullet">
/// <item>Nothing is heard while the queue holds events, or has no consumer: that is what a restart, and then the end, is for. This process
/// holds events and finishes none: no restart would get past them, so it ends.</item>
/// <item>Nothing is heard while events that the broker has confirmed are late, and the queue is empty: somebody holds them, perhaps the
/// dead end of this very connection. The feed heals each after seconds, so the times add up. A restart gives such events back; that
/// another instance is slow with them looks the same from here, and so no process ends for it.</item>
/// <item>Where the broker does not answer there is nothing to hear; and events that are in hand while the database or the source is away
/// wait where they should.</item>
/// </list>
/// </summary>
internal sealed partial class ConsumerWatchdog(
    string consumer,
    EventInbox inbox,
    ConsumerState state,
    BrokerChannel broker,
    IConsumerEndpoint endpoint,
    EventingOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ConsumerWatchdog> logger
) : BackgroundService
{
    /// <summary>How many looks make up <see cref="EventingOptions.ConsumerStall"/>.</summary>
    internal const int Looks = 6;

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(45); // the host itself gives up after 30

    /// <summary>Ends the process at once.</summary>
    internal Action<int> Exit { get; init; } = Environment.Exit;

    private long _heard;
    private int _deaf;
    private int _late;
    private bool _restarted;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.ConsumerStall / Looks, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Without the broker there is nothing to hear; MassTransit connects again by itself.
                _deaf = 0;
                NotSeen(e, consumer);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Looks once, and does what is to be done.</summary>
    internal async Task LookAsync(CancellationToken stoppingToken)
    {
        var queue = await broker.UseAsync((channel, token) => channel.QueueDeclarePassiveAsync(consumer, token), stoppingToken);
        var heard = inbox.Taken;
        if (heard != _heard)
        {
            (_heard, _deaf, _late, _restarted) = (heard, 0, 0, false);
            return;
        }
        _deaf = IsDeaf(queue) ? _deaf + 1 : 0;
        _late += _deaf == 0 && inbox.InHand == 0 && state.Undelivered > 0 ? 1 : 0;
        // An endpoint that is to stop waits for its handlers: where these do not end, only the process can.
        if (_deaf >= Looks && (_restarted || inbox.InHand > 0))
        {
            Hopeless(consumer, queue.MessageCount);
            End();
        }
        else if ((_deaf >= Looks || _late >= Looks) && !_restarted)
        {
            Restarting(consumer, queue.MessageCount, queue.ConsumerCount, inbox.InHand, state.Undelivered);
            await RestartAsync(stoppingToken);
        }
    }

    private bool IsDeaf(QueueDeclareOk queue) =>
        inbox.InHand == 0
            ? queue.MessageCount > 0 || queue.ConsumerCount == 0
            // Each handler has its time, and what waits for the database has more. Twice that is nobody's any more.
            : state.Undelivered is not null && inbox.Idle > 2 * options.HandlerTimeout;

    private async Task RestartAsync(CancellationToken stoppingToken)
    {
        try
        {
            await endpoint.RestartAsync(stoppingToken);
            (_heard, _deaf, _late, _restarted) = (inbox.Taken, 0, 0, true); // what it gave back is not what it heard
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Without its place it would stay so. A new process waits for its broker, should that be the reason.
            NotRestarted(e, consumer);
            End();
        }
    }

    private void End()
    {
        Environment.ExitCode = 1;
        _ = EndAnywayAsync(); // first: what is registered for the stop runs in the call below, and may not return
        lifetime.StopApplication();
    }

    // A handler that never returns keeps the bus, and so the host, from stopping.
    private async Task EndAnywayAsync()
    {
        await Task.Delay(EndLimit, time, CancellationToken.None);
        Exit(1);
    }

    [LoggerMessage(
        80,
        LogLevel.Error,
        "{Consumer} hears nothing though {Messages} messages wait for {Consumers} consumers, {InHand} are in hand and {Undelivered} late: it connects anew"
    )]
    private partial void Restarting(string consumer, uint messages, uint consumers, int inHand, long? undelivered);

    [LoggerMessage(81, LogLevel.Critical, "{Consumer} still hears nothing ({Messages} messages wait): this process ends")]
    private partial void Hopeless(string consumer, uint messages);

    [LoggerMessage(82, LogLevel.Debug, "The queue of {Consumer} cannot be looked at")]
    private partial void NotSeen(Exception exception, string consumer);

    [LoggerMessage(83, LogLevel.Critical, "{Consumer} could not connect anew: this process ends")]
    private partial void NotRestarted(Exception exception, string consumer);
}
