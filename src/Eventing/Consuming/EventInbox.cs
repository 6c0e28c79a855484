using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using BackendGuide.Contracts;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Consuming;

/// <summary>
/// Takes events into the service's own copy. <see cref="TakeAsync"/> returns only when the event is applied or parked, so that the caller
/// may ack. Three ways lead there:
/// <list type="number">
/// <item>What comes for the first time is applied together with what else has come: one transaction, one commit for all.</item>
/// <item>Where that fails, or takes too long, each of them is tried alone, side by side: one bad event holds up nobody.</item>
/// <item>What was delivered before is handled strictly alone, after its attempt is committed: an event that kills the process is known by
/// its count, and those that were beside it are not blamed.</item>
/// </list>
/// While the database is away an event waits here and is not nacked: on RabbitMQ 3.10 each nack counts against the delivery limit.
/// </summary>
internal sealed partial class EventInbox : IAsyncDisposable
{
    private const int AloneAtOnce = 8;
    private static readonly TimeSpan TogetherLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TogetherLimitOfOne = TimeSpan.FromMilliseconds(20); // a slow database is not a handler that hangs
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly EventApplier _applier;
    private readonly SourceEpochs _epochs;
    private readonly EventingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<EventInbox> _logger;
    private readonly string _consumer;
    private readonly Channel<Delivery> _fresh = Channel.CreateUnbounded<Delivery>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<Delivery> _again = Channel.CreateUnbounded<Delivery>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _alone = new(AloneAtOnce);
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _lanes;
    private int _inHand;
    private long _taken;
    private long _lastTaken;

    public EventInbox(
        string consumer,
        EventApplier applier,
        SourceEpochs epochs,
        EventingOptions options,
        TimeProvider time,
        ILogger<EventInbox> logger
    )
    {
        (_consumer, _applier, _epochs, _options, _time, _logger) = (consumer, applier, epochs, options, time, logger);
        _lastTaken = time.GetTimestamp();
        _lanes = Task.WhenAll(Task.Run(RunFreshAsync), Task.Run(RunAgainAsync));
    }

    /// <summary>How many events from the broker are done with: applied, parked, or given back to it.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>How many events from the broker are in hand.</summary>
    public int InHand => Volatile.Read(ref _inHand);

    /// <summary>How long no event from the broker has been done with.</summary>
    public TimeSpan Idle => _time.GetElapsedTime(Volatile.Read(ref _lastTaken));

    /// <summary>Applies or parks the event, waiting for as long as the database is away.</summary>
    /// <param name="cloudEvent">The event as it came.</param>
    /// <param name="redelivered">True where it was delivered before: then the attempt is counted, and the last one parks it.</param>
    /// <param name="cancellationToken">The bus stops: the event stays with the broker.</param>
    /// <exception cref="FormatException">The envelope is not one: it has no position that could be counted as taken.</exception>
    /// <exception cref="Exception">The handler's own: the event is to be delivered again.</exception>
    public async Task TakeAsync(CloudEvent cloudEvent, bool redelivered, CancellationToken cancellationToken)
    {
        EnsureWhole(cloudEvent);
        if (Interlocked.Increment(ref _inHand) == 1)
        {
            Volatile.Write(ref _lastTaken, _time.GetTimestamp()); // whatever was before, this one's time begins now
        }
        try
        {
            await EnterAsync(cloudEvent, redelivered, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _inHand);
            Interlocked.Increment(ref _taken);
            Volatile.Write(ref _lastTaken, _time.GetTimestamp());
        }
    }

    /// <summary>
    /// Takes events that were read from the source's feed: a page together, after an attempt is committed for each; where one of them was
    /// attempted before, or the page fails, each alone, and only then counted again: its neighbours are not blamed for it.
    /// </summary>
    public async Task FillAsync(IReadOnlyList<CloudEvent> events, CancellationToken cancellationToken)
    {
        var known = events.Where(_applier.Knows).ToList();
        var alone = events.Except(known).ToList();
        if (known.Count > 0)
        {
            try
            {
                if (await _applier.WereAttemptedAsync(known, cancellationToken))
                {
                    alone.AddRange(known);
                }
                else
                {
                    await _applier.CountAttemptsAsync(known, cancellationToken);
                    var page = known.Select(cloudEvent => new TakenEvent(cloudEvent, TraceOf(cloudEvent))).ToList();
                    await WithinLimitAsync(token => _applier.ApplyAsync(page, unpark: false, token), cancellationToken);
                }
            }
            catch (Exception e) when (e is not OtherEpochException && !cancellationToken.IsCancellationRequested)
            {
                TriedAlone(e, _consumer, known.Count);
                alone.AddRange(known);
            }
        }
        foreach (var cloudEvent in alone)
        {
            await TakeUntilParkedAsync(cloudEvent, cancellationToken);
        }
    }

    // What the broker does by delivering again is done here in place: the last attempt parks it.
    private async Task TakeUntilParkedAsync(CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await EnterAsync(cloudEvent, redelivered: true, cancellationToken);
                return;
            }
            catch (Exception e) when (attempt <= _options.MaxAttempts && !cancellationToken.IsCancellationRequested)
            {
                TriedAlone(e, _consumer, 1);
            }
        }
    }

    private async Task EnterAsync(CloudEvent cloudEvent, bool redelivered, CancellationToken cancellationToken)
    {
        var delivery = new Delivery(new TakenEvent(cloudEvent, Activity.Current?.Context ?? default), cancellationToken);
        await using var cancelling = cancellationToken.Register(() => delivery.Done.TrySetCanceled(cancellationToken));
        (redelivered ? _again : _fresh).Writer.TryWrite(delivery);
        await delivery.Done.Task;
    }

    private static ActivityContext TraceOf(CloudEvent cloudEvent) =>
        ActivityContext.TryParse(cloudEvent.TraceParent, null, isRemote: true, out var trace) ? trace : default;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        // A handler that heeds no cancellation must not keep the process from ending: what it holds is the broker's again.
        await Task.WhenAll([_lanes, .. _running.Keys]).WaitAsync(Farewell, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _alone.Dispose();
    }

    private void EnsureWhole(CloudEvent cloudEvent)
    {
        var isWhole =
            cloudEvent is { Type.Length: > 0, Subject.Length: > 0 }
            && cloudEvent.Source == _applier.Source
            && cloudEvent.Id != Guid.Empty
            && cloudEvent.Epoch != Guid.Empty
            && long.TryParse(cloudEvent.Position, out var position)
            && position > 0;
        if (!isWhole)
        {
            throw new FormatException(
                $"The message is no event of {_applier.Source}: it needs id, source, type, subject, epoch and a position of 1 or more."
            );
        }
    }

    private async Task RunFreshAsync()
    {
        while (await _fresh.Reader.WaitToReadAsync(_stopping.Token))
        {
            List<Delivery> deliveries = [];
            while (deliveries.Count < _options.Prefetch && _fresh.Reader.TryRead(out var delivery))
            {
                if (!delivery.Done.Task.IsCompleted)
                {
                    deliveries.Add(delivery);
                }
            }
            // Types that nobody knows, and other epochs, go their own way.
            foreach (
                var same in deliveries.GroupBy(delivery =>
                    (delivery.Event.Epoch, delivery.Event.Source, Knows: _applier.Knows(delivery.Event))
                )
            )
            {
                await TakeTogetherAsync([.. same], same.Key.Knows);
            }
        }
    }

    private async Task TakeTogetherAsync(IReadOnlyList<Delivery> deliveries, bool known)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        limit.CancelAfter(TogetherLimit + (deliveries.Count * TogetherLimitOfOne));
        try
        {
            if (known && deliveries.Count > 1)
            {
                await _applier.ApplyAsync([.. deliveries.Select(delivery => delivery.Taken)], unpark: false, limit.Token);
                deliveries.ToList().ForEach(delivery => delivery.Done.TrySetResult());
                return;
            }
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            TriedAlone(e, _consumer, deliveries.Count);
        }
        foreach (var delivery in deliveries)
        {
            await _alone.WaitAsync(_stopping.Token);
            var task = TakeAloneAsync(delivery, counted: false);
            if (deliveries.Count == 1 && known)
            {
                // Nothing to gain from side by side: the next batch gathers meanwhile.
                await task.WaitAsync(TogetherLimit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            Keep(task);
        }
    }

    private async Task RunAgainAsync()
    {
        await foreach (var delivery in _again.Reader.ReadAllAsync(_stopping.Token))
        {
            if (!delivery.Done.Task.IsCompleted)
            {
                await _alone.WaitAsync(_stopping.Token);
                await TakeAloneAsync(delivery, counted: true);
            }
        }
    }

    private void Keep(Task task)
    {
        if (!task.IsCompleted)
        {
            _running.TryAdd(task, true);
            _ = task.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
        }
    }

    /// <summary>Completes the delivery, one way or another, and gives the place back; it never throws.</summary>
    private async Task TakeAloneAsync(Delivery delivery, bool counted)
    {
        try
        {
            await TakeStepByStepAsync(delivery, counted);
            delivery.Done.TrySetResult();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested || delivery.Cancelled.IsCancellationRequested)
        {
            delivery.Done.TrySetCanceled(CancellationToken.None);
        }
        catch (Exception e)
        {
            delivery.Done.TrySetException(e);
        }
        finally
        {
            _alone.Release();
        }
    }

    private async Task TakeStepByStepAsync(Delivery delivery, bool counted)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, delivery.Cancelled);
        var cloudEvent = delivery.Event;
        var attempts = 0;
        if (counted && _applier.Knows(cloudEvent))
        {
            // Counted once for each delivery, whatever the database says to it: that is never the event's fault.
            await UntilTakenAsync(
                async token => attempts = await _applier.CountAttemptsAsync([cloudEvent], token),
                static _ => true,
                cloudEvent,
                stop.Token
            );
            await Task.Delay(PauseBefore(attempts), _time, stop.Token);
        }
        var reason =
            !_applier.Knows(cloudEvent) ? $"This consumer does not know the type {cloudEvent.Type}"
            : attempts >= _options.MaxAttempts ? $"{attempts} attempts failed"
            : null;
        await UntilTakenAsync(
            token =>
                reason is null
                    ? WithinLimitAsync(limited => _applier.ApplyAsync([delivery.Taken], unpark: false, limited), token)
                    : _applier.ParkAsync(cloudEvent, reason, token),
            reason is null ? Surroundings.AreAtFault : static e => !Surroundings.IsOfTheData(e),
            cloudEvent,
            stop.Token
        );
        if (reason is not null)
        {
            Parked(_consumer, cloudEvent.Source, cloudEvent.Position, cloudEvent.Type, reason);
        }
    }

    // What failed a moment ago is not tried again in the same moment: 0.1 s before the second attempt, then twice that, at most 1 s.
    private static TimeSpan PauseBefore(int attempt) =>
        attempt < 2 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(100 << Math.Min(attempt - 2, 4), 1_000));

    private async Task WithinLimitAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.HandlerTimeout);
        try
        {
            await step(limit.Token);
        }
        catch (Exception e)
            when (e is not OtherEpochException && limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw await _applier.DatabaseAnswersAsync(cancellationToken)
                ? new TimeoutException($"The handler took longer than {_options.HandlerTimeout}.", e)
                : new NpgsqlException("The database does not answer.", new TimeoutException());
        }
    }

    /// <summary>Takes the step until it is done. What is of another history waits too, until the source has said whether it still counts.</summary>
    /// <param name="step">Applies, parks or counts.</param>
    /// <param name="isToWaitFor">True where a failure is not the event's own, and passes.</param>
    /// <param name="cloudEvent">The event.</param>
    /// <param name="cancellationToken">The bus stops.</param>
    private async Task UntilTakenAsync(
        Func<CancellationToken, Task> step,
        Func<Exception, bool> isToWaitFor,
        CloudEvent cloudEvent,
        CancellationToken cancellationToken
    )
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
        while (true)
        {
            try
            {
                if (await TryTakeAsync(step, cancellationToken))
                {
                    return;
                }
                // Outside the catch, so that a source that is away is waited for like a database that is.
                if (!await _epochs.FollowIfPresentAsync(cloudEvent.Epoch, cancellationToken))
                {
                    EventingMetrics.StaleEpochEvents.Add(1, new KeyValuePair<string, object?>("consumer", _consumer));
                    DroppedAsStale(_consumer, cloudEvent.Source, cloudEvent.Position, cloudEvent.Epoch);
                    return;
                }
            }
            catch (Exception e)
                when (!cancellationToken.IsCancellationRequested
                    && (e is HttpRequestException || Surroundings.AreAtFault(e) || isToWaitFor(e))
                )
            {
                var pause = backoff.Next();
                Waiting(e, _consumer, pause);
                await Task.Delay(pause, _time, cancellationToken);
            }
        }
    }

    /// <summary>False where the event is of a history that the consumer does not follow.</summary>
    private static async Task<bool> TryTakeAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step(cancellationToken);
            return true;
        }
        catch (OtherEpochException)
        {
            return false;
        }
    }

    private sealed record Delivery(TakenEvent Taken, CancellationToken Cancelled)
    {
        public CloudEvent Event => Taken.Event;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(20, LogLevel.Warning, "{Consumer} cannot reach its database or its source, next try in {Pause}")]
    private partial void Waiting(Exception exception, string consumer, TimeSpan pause);

    [LoggerMessage(21, LogLevel.Error, "{Consumer} parked the event {Source}/{Position} ({EventType}): {Reason}")]
    private partial void Parked(string consumer, string source, string position, string eventType, string reason);

    [LoggerMessage(22, LogLevel.Information, "{Consumer} could not apply {Count} events together and tries each alone")]
    private partial void TriedAlone(Exception exception, string consumer, int count);

    [LoggerMessage(23, LogLevel.Warning, "{Consumer} dropped the event {Source}/{Position}: its epoch {Epoch} is no longer the source's")]
    private partial void DroppedAsStale(string consumer, string source, string position, Guid epoch);
}
