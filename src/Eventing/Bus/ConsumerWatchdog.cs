using BackendGuide.Eventing.Consuming;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// Notices a consumer that is connected and hears nothing: its queue holds events, or has lost its consumer, and none comes. First the
/// bus is started anew; where that does not help, the process ends, and whoever runs it starts it again.
/// </summary>
internal sealed partial class ConsumerWatchdog(
    string consumer,
    EventInbox inbox,
    BrokerChannel broker,
    IBusControl bus,
    EventingOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ConsumerWatchdog> logger
) : BackgroundService
{
    private static readonly TimeSpan BusLimit = TimeSpan.FromSeconds(30);
    private long? _stalledSince;
    private bool _restarted;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.ConsumerStall / 6;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Without the broker there is nothing to hear; MassTransit connects again by itself.
                _stalledSince = null;
                NotSeen(e, consumer);
            }
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        var queue = await broker.UseAsync((channel, token) => channel.QueueDeclarePassiveAsync(consumer, token), stoppingToken);
        if ((queue.ConsumerCount > 0 && queue.MessageCount == 0) || inbox.Idle < options.ConsumerStall / 6)
        {
            (_stalledSince, _restarted) = (null, false);
            return;
        }
        _stalledSince ??= time.GetTimestamp();
        if (time.GetElapsedTime(_stalledSince.Value) < options.ConsumerStall)
        {
            return;
        }
        if (_restarted)
        {
            Hopeless(consumer, queue.MessageCount);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
            return;
        }
        Restarting(consumer, queue.MessageCount, queue.ConsumerCount);
        await bus.StopAsync(BusLimit);
        await bus.StartAsync(BusLimit);
        (_stalledSince, _restarted) = (time.GetTimestamp(), true);
    }

    [LoggerMessage(
        80,
        LogLevel.Error,
        "{Consumer} hears nothing though {Messages} messages wait for {Consumers} consumers: the bus is started anew"
    )]
    private partial void Restarting(string consumer, uint messages, uint consumers);

    [LoggerMessage(81, LogLevel.Critical, "{Consumer} still hears nothing of the {Messages} messages that wait: this process ends")]
    private partial void Hopeless(string consumer, uint messages);

    [LoggerMessage(82, LogLevel.Debug, "The queue of {Consumer} cannot be looked at")]
    private partial void NotSeen(Exception exception, string consumer);
}
