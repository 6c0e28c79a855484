using System.Diagnostics;
using BackendGuide.Eventing.Following;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BackendGuide.Eventing.Evicting;

/// <summary>Is told what the listener hears, after the <see cref="EvictionLedger"/> knows it; one call at a time, and in the order of the ledger.</summary>
public interface IEvictionObserver
{
    /// <summary>Everything of the service's is heard from these positions on.</summary>
    void Begun(string by, ChangeCursor positions);

    /// <summary>An announcement was heard.</summary>
    void Heard(Eviction eviction);

    /// <summary>Announcements of the service were lost.</summary>
    void Lost(string by);
}

/// <summary>Reads where a service is, in its own rows and its copies, as its database says.</summary>
/// <param name="by">The service.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate Task<ChangeCursor> ReadPositions(string by, CancellationToken cancellationToken);

/// <summary>
/// Hears what the services announce, on a queue of this instance alone that ends with its connection. Whoever was not connected begins anew:
/// it asks the services where they are, and holds nothing from before for true.
/// </summary>
/// <param name="services">Whose announcements are of interest.</param>
/// <param name="broker">The broker.</param>
/// <param name="positions">Asks a service where it is.</param>
/// <param name="ledger">What is heard.</param>
/// <param name="observers">Who else wants to know.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class EvictionListener(
    IReadOnlyList<string> services,
    Uri broker,
    ReadPositions positions,
    EvictionLedger ledger,
    IEnumerable<IEvictionObserver> observers,
    TimeProvider time,
    ILogger<EvictionListener> logger
) : BackgroundService
{
    private static readonly TimeSpan LossInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BindInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<IEvictionObserver> _observers = [.. observers];
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));
    private readonly HashSet<string> _begun = [];
    private readonly Lock _gate = new();

    /// <summary>True while everything that is announced is heard.</summary>
    public bool IsListening { get; private set; }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Without the broker too: what is kept then gets as old as it may get, and no older.
                await BeginAsync(stoppingToken);
                await ListenWhileConnectedAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                var pause = _backoff.Next();
                Deaf(e.Message, pause);
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                IsListening = false;
            }
        }
    }

    private async Task ListenWhileConnectedAsync(CancellationToken stoppingToken)
    {
        var connection = await EvictionExchange.ConnectAsync(broker, "evictions", stoppingToken);
        using var closed = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        try
        {
            var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
            channel.ChannelShutdownAsync += (_, reason) => CancelAsync(closed);
            connection.ConnectionShutdownAsync += (_, reason) => CancelAsync(closed);
            ledger.Prepare();
            _begun.Clear();
            var queue = await channel.QueueDeclareAsync(cancellationToken: stoppingToken); // exclusive, named by the broker
            await BindAsync(channel, queue.QueueName, stoppingToken);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                Take(delivery.Body.Span);
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, stoppingToken);
            await LookAfterAsync(channel, queue.QueueName, closed.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            throw new BrokerGoneException();
        }
        finally
        {
            ledger.Deafen();
            await connection.AbortAsync(TimeSpan.FromSeconds(1));
            await connection.DisposeAsync();
        }
    }

    private async Task LookAfterAsync(IChannel channel, string queue, CancellationToken closed)
    {
        var (bound, asked) = (time.GetTimestamp(), time.GetTimestamp() - time.TimestampFrequency);
        while (true)
        {
            if (Silent().Count > 0 && time.GetElapsedTime(asked) >= AskInterval)
            {
                await BeginAsync(closed);
                asked = time.GetTimestamp();
                var silent = Silent();
                services.Except(silent).ToList().ForEach(ledger.Listen);
                if (silent.Count == 0)
                {
                    IsListening = true;
                    _backoff.Reset();
                    Listening();
                }
            }
            FindLosses();
            if (time.GetElapsedTime(bound) >= BindInterval)
            {
                // A binding that somebody took away would go unnoticed, but for what is missing by then.
                await BindAsync(channel, queue, closed);
                bound = time.GetTimestamp();
            }
            await Task.Delay(LossInterval, time, closed);
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        foreach (var by in Silent())
        {
            try
            {
                var there = await positions(by, cancellationToken);
                lock (_gate)
                {
                    if (!ledger.Begin(by, there))
                    {
                        continue;
                    }
                    _begun.Add(by);
                    Tell(observer => observer.Begun(by, ledger.HeardSince(by)));
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                NotKnown(by, e.Message);
            }
        }
    }

    /// <summary>Those that have to be asked where they are.</summary>
    private List<string> Silent()
    {
        lock (_gate)
        {
            return [.. services.Where(by => !_begun.Contains(by))];
        }
    }

    private void Take(ReadOnlySpan<byte> body)
    {
        if (EvictionExchange.Read(body) is not { } eviction || !services.Contains(eviction.By))
        {
            return;
        }
        var spans = eviction
            .Changes.Select(change => EventingMetrics.StartIn(change.TraceParent, $"evict {eviction.By}", ActivityKind.Consumer))
            .ToList();
        try
        {
            lock (_gate)
            {
                if (!ledger.Take(eviction))
                {
                    _begun.Remove(eviction.By);
                }
                Tell(observer => observer.Heard(eviction));
            }
        }
        catch (Exception e)
        {
            NotTaken(e, eviction.By); // the client would say nothing
        }
        finally
        {
            spans.ForEach(span => span?.Dispose());
        }
        EventingMetrics.EvictionsHeard.Add(1, new KeyValuePair<string, object?>("by", eviction.By));
    }

    private void FindLosses()
    {
        lock (_gate)
        {
            foreach (var by in ledger.FindLosses())
            {
                EventingMetrics.EvictionsLost.Add(1, new KeyValuePair<string, object?>("by", by));
                Lost(by);
                Tell(observer => observer.Lost(by));
            }
        }
    }

    private void Tell(Action<IEvictionObserver> what)
    {
        foreach (var observer in _observers)
        {
            what(observer);
        }
    }

    private async Task BindAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        await EvictionExchange.DeclareAsync(channel, cancellationToken);
        foreach (var by in services)
        {
            await channel.QueueBindAsync(queue, EvictionExchange.Name, by, cancellationToken: cancellationToken);
        }
    }

    private static async Task CancelAsync(CancellationTokenSource closed)
    {
        try
        {
            await closed.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            return; // closed by this side
        }
    }

    private sealed class BrokerGoneException() : Exception("the connection to the broker ended");

    [LoggerMessage(
        110,
        LogLevel.Warning,
        "Evictions are not heard, next try in {Pause}: {Reason}. What is cached may be up to a minute old"
    )]
    private partial void Deaf(string reason, TimeSpan pause);

    [LoggerMessage(111, LogLevel.Information, "Evictions are heard; what was cached before is not used any more")]
    private partial void Listening();

    [LoggerMessage(112, LogLevel.Warning, "{By} does not say where it is, and nothing of it is cached until then: {Reason}")]
    private partial void NotKnown(string by, string reason);

    [LoggerMessage(114, LogLevel.Error, "An announcement of {By} could not be taken")]
    private partial void NotTaken(Exception exception, string by);

    [LoggerMessage(113, LogLevel.Warning, "Evictions of {By} were lost on the way; nothing of it that was cached before is used any more")]
    private partial void Lost(string by);
}
