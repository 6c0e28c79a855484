using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Operating;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace BackendGuide.Eventing.Bus;

/// <summary>
/// Declares the exchanges, queues and bindings again at start and every 30 s: a mandatory publish notices that no queue takes an event, but
/// not that one of two does not. A queue that exists otherwise than it must (without a dead-letter exchange, a poisonous message would be
/// dropped; without a limit it would go round for ever) stops a service that starts, and degrades one that runs.
/// </summary>
internal sealed partial class TopologyAudit(
    string consumer,
    EventHandlers handlers,
    BrokerChannel broker,
    ConsumerState state,
    EventingOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<TopologyAudit> logger
) : BackgroundService
{
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10));
    private bool _wasRight;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = options.TopologyAudit;
            try
            {
                state.DeadLetters = await broker.UseAsync(DeclareAsync, stoppingToken);
                state.TopologyFault = null;
                _wasRight = true;
                _backoff.Reset();
            }
            catch (OperationInterruptedException e) when (e.ShutdownReason is { ReplyCode: Constants.PreconditionFailed } reason)
            {
                state.TopologyFault = reason.ReplyText;
                Differs(consumer, reason.ReplyText);
                if (!_wasRight)
                {
                    Environment.ExitCode = 1;
                    lifetime.StopApplication();
                    return;
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                state.DeadLetters = null;
                pause = _backoff.Next();
                NotAudited(e, pause);
            }
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Declares everything, and gives the number of dead letters.</summary>
    private async Task<long> DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var dead = BusTopology.DeadLetterQueue(consumer);
        var quorum = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        await channel.ExchangeDeclareAsync(
            BusTopology.EventsExchange,
            ExchangeType.Topic,
            durable: true,
            cancellationToken: cancellationToken
        );

        await channel.ExchangeDeclareAsync(dead, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        var letters = await channel.QueueDeclareAsync(
            dead,
            durable: true,
            exclusive: false,
            autoDelete: false,
            quorum,
            cancellationToken: cancellationToken
        );
        await channel.QueueBindAsync(dead, dead, "", cancellationToken: cancellationToken);

        var arguments = BusTopology.QueueArguments(consumer).ToDictionary(argument => argument.Key, argument => (object?)argument.Value);
        await channel.ExchangeDeclareAsync(consumer, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            consumer,
            durable: true,
            exclusive: false,
            autoDelete: false,
            arguments,
            cancellationToken: cancellationToken
        );
        await channel.QueueBindAsync(consumer, consumer, "", cancellationToken: cancellationToken);
        foreach (var pattern in handlers.Bindings)
        {
            await channel.ExchangeBindAsync(consumer, BusTopology.EventsExchange, pattern, cancellationToken: cancellationToken);
        }
        return letters.MessageCount;
    }

    [LoggerMessage(
        70,
        LogLevel.Critical,
        "The queues of {Consumer} are not as they must be; delete the one that is named and start again: {Fault}"
    )]
    private partial void Differs(string consumer, string fault);

    [LoggerMessage(71, LogLevel.Warning, "The broker's queues cannot be looked at, next try in {Pause}")]
    private partial void NotAudited(Exception exception, TimeSpan pause);
}
