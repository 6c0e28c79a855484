using BackendGuide.Eventing.Following;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// Takes the consumer's place at its queue anew when the broker is back: a few seconds after it answers, where MassTransit would wait for up to
/// half a minute.
/// </summary>
internal sealed partial class ConsumerReconnect(
    ConsumerName consumer,
    IConsumerEndpoint endpoint,
    BrokerChannel broker,
    TimeProvider time,
    ILogger<ConsumerReconnect> logger
) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How many looks in a row the broker has to answer while the place is empty: an endpoint that is just connecting gets there by itself.</summary>
    internal const int Looks = 3;

    // Where it takes longer than that, each try gets twice the time of the one before.
    private const int MostLooks = 12;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private int _looks = Looks;
    private int _answered;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                _answered = 0;
                NotYet(e, consumer.Value);
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
        if (endpoint.IsConnected)
        {
            (_answered, _looks) = (0, Looks);
            return;
        }
        _answered = await broker.IsThereAsync(Limit, stoppingToken) ? _answered + 1 : 0;
        if (_answered < _looks || endpoint.IsConnected)
        {
            return;
        }
        (_answered, _looks) = (0, Math.Min(2 * _looks, MostLooks));
        Reconnecting(consumer.Value);
        await endpoint.RestartAsync(stoppingToken);
    }

    [LoggerMessage(84, LogLevel.Information, "The broker is back and {Consumer} is not: it connects anew")]
    private partial void Reconnecting(string consumer);

    [LoggerMessage(85, LogLevel.Debug, "{Consumer} cannot connect yet")]
    private partial void NotYet(Exception exception, string consumer);
}
