using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace BackendGuide.Eventing.Evicting;

/// <summary>
/// Says to every instance that listens, in the order in which it is told, what has changed: until the broker has confirmed it. What a process
/// takes with it when it ends, the next heartbeat shows to be missing.
/// </summary>
internal sealed partial class EvictionAnnouncer(
    string by,
    Uri broker,
    EventingOptions options,
    TimeProvider time,
    ILogger<EvictionAnnouncer> logger
) : BackgroundService
{
    /// <summary>How many are under way at once: from 64 on the client itself slows down whoever sends more.</summary>
    internal const int MostUnconfirmed = 32;

    private readonly EvictionQueue _queue = new();
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));
    private long _stuckSince = -1;

    /// <summary>The service whose answers are meant.</summary>
    public string By => by;

    /// <summary>Announces.</summary>
    /// <returns>Completes when the broker has confirmed it, and with it all that was announced before. It never fails.</returns>
    public Task Announce(Eviction eviction) => _queue.Add(eviction);

    /// <summary>
    /// Announces, and waits for the confirm: for 5 s by default, and not at all while the broker has been away for that long. It is going to be
    /// announced in any case.
    /// </summary>
    public async Task AnnounceAsync(IReadOnlyList<Eviction> evictions, CancellationToken cancellationToken)
    {
        var announced = Task.CompletedTask;
        foreach (var eviction in evictions)
        {
            announced = Announce(eviction); // confirmed with all that was announced before
        }
        var stuck = Volatile.Read(ref _stuckSince);
        if (stuck < 0 || time.GetElapsedTime(stuck) < options.ConfirmTimeout)
        {
            await announced
                .WaitAsync(options.ConfirmTimeout, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Says that everything of a source up to a position was announced, by whichever instance, so that who has not heard it knows of its loss.
    /// Behind something that still waits it would only be late.
    /// </summary>
    public void Beat(string source, Guid epoch, long position)
    {
        if (_queue.IsEmpty)
        {
            _queue.Add(Eviction.Heartbeat(by, source, epoch, position));
        }
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        base.Dispose();
        _queue.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await AnnounceWhileConnectedAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _stuckSince, time.GetTimestamp(), -1);
                var pause = _backoff.Next();
                Away(e.Message, pause);
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task AnnounceWhileConnectedAsync(CancellationToken stoppingToken)
    {
        var connection = await EvictionExchange.ConnectAsync(broker, $"{by}-evictions", stoppingToken);
        try
        {
            var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
            var channel = await connection.CreateChannelAsync(confirms, stoppingToken);
            await EvictionExchange.DeclareAsync(channel, stoppingToken);
            await SendAsync(channel, stoppingToken);
        }
        finally
        {
            await connection.AbortAsync(TimeSpan.FromSeconds(1));
            await connection.DisposeAsync();
        }
    }

    // In order, and without waiting for the confirm of what was sent before: where the broker takes its time for one, the next is not late by that as well.
    private async Task SendAsync(IChannel channel, CancellationToken stoppingToken)
    {
        var unsent = new Queue<EvictionQueue.Waiting>();
        var sent = new Queue<(EvictionQueue.Waiting Waiting, Task Confirmed)>();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var taking = _queue.TakeAsync(over.Token);
        try
        {
            while (true)
            {
                while (sent.TryPeek(out var first) && first.Confirmed.IsCompleted)
                {
                    await first.Confirmed;
                    first.Waiting.Done();
                    sent.Dequeue();
                    Volatile.Write(ref _stuckSince, -1);
                    _backoff.Reset();
                }
                if (unsent.Count == 0 && taking.IsCompleted)
                {
                    unsent = new Queue<EvictionQueue.Waiting>(await taking);
                    taking = _queue.TakeAsync(over.Token);
                }
                if (unsent.Count > 0 && sent.Count < MostUnconfirmed)
                {
                    sent.Enqueue((unsent.Peek(), PublishAsync(channel, unsent.Dequeue().Eviction, over.Token)));
                    continue;
                }
                IEnumerable<Task> next = unsent.Count > 0 ? [] : [taking];
                await Task.WhenAny(sent.Count > 0 ? next.Append(sent.Peek().Confirmed) : next);
            }
        }
        finally
        {
            await over.CancelAsync();
            await ((Task)taking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.WhenAll(sent.Select(one => one.Confirmed)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            IEnumerable<EvictionQueue.Waiting> taken = taking.IsCompletedSuccessfully ? await taking : [];
            _queue.Return([.. sent.Select(one => one.Waiting), .. unsent, .. taken]);
        }
    }

    private async Task PublishAsync(IChannel channel, Eviction eviction, CancellationToken stoppingToken)
    {
        // One span in the trace of each write that it tells of.
        var spans = eviction
            .Changes.Select(change => EventingMetrics.StartIn(change.TraceParent, $"announce {by}", ActivityKind.Producer))
            .ToList();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(options.ConfirmTimeout);
        try
        {
            var properties = new BasicProperties { ContentType = "application/json" };
            await channel
                .BasicPublishAsync(
                    EvictionExchange.Name,
                    eviction.By,
                    mandatory: false,
                    properties,
                    EvictionExchange.Write(eviction),
                    limit.Token
                )
                .AsTask()
                .WaitAsync(limit.Token); // a client whose socket is blocked may be late to look at the token
        }
        catch (OperationCanceledException e) when (!stoppingToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no confirm within {options.ConfirmTimeout.TotalSeconds} s", e);
        }
        finally
        {
            spans.ForEach(span => span?.Dispose());
        }
    }

    [LoggerMessage(100, LogLevel.Warning, "Evictions cannot be announced, next try in {Pause}: {Reason}")]
    private partial void Away(string reason, TimeSpan pause);
}
