using BackendGuide.Eventing.Bus;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Log;
using BackendGuide.Eventing.Operating;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Relaying;

/// <summary>
/// Takes committed events from the feed to RabbitMQ. Every instance runs it and one leads; what is published twice (after a crash, or by
/// a leader that was stopped and woke up) is absorbed by the consumers' version guards.
/// <list type="number">
/// <item>Take the leadership, or try again in a second.</item>
/// <item>Read the events after the cursor, outside any transaction, check that they are dense, and announce, in order, which answers of this
/// service are old by now (<see cref="ReadAhead"/>). What follows does not hold that up.</item>
/// <item>Publish: one chain per resource, in order; chains side by side; each event mandatory, and confirmed within a time limit. What is
/// the event's own fault is counted, and parks it in the end; what is the broker's is not.</item>
/// <item>Move the cursor over the confirmed prefix by compare-and-set, at most every 50 ms; a cursor that is elsewhere means that another leads.</item>
/// <item>Wait for a commit of this process, or for the next poll.</item>
/// </list>
/// </summary>
internal sealed partial class Relay(
    EventingDatabase database,
    Feed feed,
    EventPublisher publisher,
    BrokerChannel broker,
    EvictionAnnouncer announcer,
    RelaySignal signal,
    RelayState state,
    ConsumerState self,
    EventingOptions options,
    TimeProvider time,
    ILogger<Relay> logger
) : BackgroundService
{
    private const int RedriveBatch = 100;
    private static readonly TimeSpan ElectionInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RedriveInterval = TimeSpan.FromSeconds(1);

    // Each move is a commit: those of so long share one. What the cursor has not passed whoever leads next publishes again.
    private static readonly TimeSpan MoveInterval = TimeSpan.FromMilliseconds(50);

    // An instance that cannot reach the broker lets another one try, which may be able to.
    private const int ConfirmsToGiveUpAfter = 3;
    private static readonly TimeSpan StandsBackFor = TimeSpan.FromSeconds(3);

    private readonly RelayCursor _cursor = new(database.Pooled);
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));
    private readonly Backoff _brokerBackoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await publisher.WaitUntilReadyAsync(stoppingToken);
                await using var leadership = await Leadership.TryAcquireAsync(
                    database.Unpooled,
                    Leadership.Relay,
                    self.Instance,
                    time,
                    stoppingToken
                );
                if (leadership is not null)
                {
                    LeadershipTaken();
                    if (await LeadAndLeaveAsync(leadership.Lost))
                    {
                        StandingBack(options.ConfirmTimeout * ConfirmsToGiveUpAfter);
                        await leadership.DisposeAsync();
                        await Task.Delay(StandsBackFor, time, stoppingToken);
                    }
                }
                await Task.Delay(ElectionInterval, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                // Stopping, or the leadership is lost: the loop's condition tells which.
            }
            catch (NpgsqlException e)
            {
                await PauseAsync(pause => DatabaseAway(e, pause), stoppingToken);
            }
            catch (Exception e)
            {
                // A hole in the feed: nothing after it may be published. The service itself goes on.
                await PauseAsync(pause => Stuck(e, pause), stoppingToken);
            }
        }
    }

    private async Task PauseAsync(Action<TimeSpan> say, CancellationToken stoppingToken)
    {
        var pause = _backoff.Next();
        say(pause);
        await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> LeadAndLeaveAsync(CancellationToken lost)
    {
        try
        {
            return await LeadAsync(lost);
        }
        finally
        {
            state.StoppedLeading();
        }
    }

    /// <summary>True where another instance should try: this one does not get anything confirmed.</summary>
    private async Task<bool> LeadAsync(CancellationToken lost)
    {
        var (epoch, cursor) = await _cursor.ReadAsync(lost);
        var ahead = new ReadAhead(feed, announcer, signal, options, epoch, cursor, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(lost);
        var reading = ahead.RunAsync(over.Token);
        try
        {
            return await PublishWhatIsReadAsync(ahead, epoch, cursor, lost);
        }
        finally
        {
            await over.CancelAsync();
            await reading;
        }
    }

    private async Task<bool> PublishWhatIsReadAsync(ReadAhead ahead, Guid epoch, long cursor, CancellationToken lost)
    {
        var window = new RelayWindow(epoch, cursor, options.RelayBatch * 10, time);
        var batch = 1; // the first goes alone: where no consumer has declared its queue yet, one return says so as well as 500
        var redriven = time.GetTimestamp();
        long? moved = null;
        var (failed, deferred) = (false, false);
        while (!lost.IsCancellationRequested)
        {
            // While nothing is confirmed, what is in hand is enough: more would only fill the memory.
            var read = failed ? [] : await ahead.TakeAsync(Math.Min(batch, window.Room));
            window.Add(read);
            (failed, deferred) = await PublishAsync(window, lost);
            var isToMove = window.Done > cursor && (moved is not { } at || time.GetElapsedTime(at) >= MoveInterval);
            if (isToMove && !await IsInTimeAsync(ahead.Announced, lost))
            {
                failed = true; // whoever leads next would not announce what is behind the cursor
            }
            else if (isToMove)
            {
                if (!await _cursor.MoveAsync(epoch, cursor, window.Done, lost))
                {
                    CursorMovedElsewhere(cursor, window.Done);
                    return false;
                }
                (cursor, moved) = (window.Done, time.GetTimestamp());
                batch = options.RelayBatch;
            }
            if (time.GetElapsedTime(redriven) >= RedriveInterval)
            {
                if (!await _cursor.IsPresentAsync(epoch, lost))
                {
                    return false; // restored: the next election begins with what there is now
                }
                await RedriveAsync(lost);
                redriven = time.GetTimestamp();
            }
            if (failed)
            {
                if (IsRefused())
                {
                    return true;
                }
                await WaitForBrokerAsync(lost);
                continue;
            }
            _backoff.Reset();
            _brokerBackoff.Reset();
            if (deferred || (read.Count == 0 && !window.IsEmpty))
            {
                await Task.Delay(options.RelayPoll, time, lost); // what waits does so by itself
            }
            else if (read.Count == 0)
            {
                await ahead.WaitAsync(window.Done > cursor ? MoveInterval : RedriveInterval, lost);
            }
        }
        return false;
    }

    private bool IsRefused() => state.RefusedFor(time) > options.ConfirmTimeout * ConfirmsToGiveUpAfter;

    // Whether anybody listens a publish tells only after its whole limit, for the bus tries on inside it; a plain connection tells at once.
    private async Task WaitForBrokerAsync(CancellationToken lost)
    {
        do
        {
            await Task.Delay(_brokerBackoff.Next(), time, lost);
        } while (!await broker.IsThereAsync(options.ConfirmTimeout, lost) && !IsRefused());
    }

    private async Task<bool> IsInTimeAsync(Task announced, CancellationToken lost)
    {
        await announced.WaitAsync(options.ConfirmTimeout, time, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lost.ThrowIfCancellationRequested();
        return announced.IsCompleted;
    }

    /// <summary>
    /// <c>Failed</c> where the broker did not confirm: then nothing more is tried before a pause. <c>Deferred</c> where something has to wait by
    /// itself.
    /// </summary>
    private async Task<(bool Failed, bool Deferred)> PublishAsync(RelayWindow window, CancellationToken lost)
    {
        var chains = window.TakeChains();
        if (chains.Count == 0)
        {
            return (false, false);
        }
        var round = new Round();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.RelayChains, CancellationToken = lost };
        await Parallel.ForEachAsync(
            chains,
            parallel,
            async (chain, cancellationToken) =>
            {
                foreach (var entry in chain)
                {
                    // What follows in this chain must not overtake what failed.
                    if (round.IsBroken || !await PublishAsync(window, entry, round, cancellationToken))
                    {
                        return;
                    }
                }
            }
        );
        if (round.Failures > 0)
        {
            NotConfirmed(round.Failures, round.First!.Position, round.First.Event?.Type, round.Reason);
        }
        return (round.IsBroken, round.Failures > 0);
    }

    /// <summary>False where the event is neither confirmed nor parked.</summary>
    private async Task<bool> PublishAsync(RelayWindow window, FeedEntry entry, Round round, CancellationToken cancellationToken)
    {
        var (outcome, reason) = await TryAsync(entry, cancellationToken);
        if (outcome != Published.Confirmed)
        {
            var attempts = window.Defer(entry.Position);
            if (outcome != Published.Impossible || attempts < options.MaxAttempts)
            {
                round.Fail(entry, reason, outcome);
                return false;
            }
            if (!await _cursor.ParkAsync(window.Epoch, entry.Position, reason!, attempts, cancellationToken))
            {
                round.Fail(entry, "another relay has moved the cursor past it", outcome);
                return false;
            }
            Parked(entry.Position, attempts, reason!);
        }
        window.Finish(entry.Position);
        return true;
    }

    private async Task<(Published Outcome, string? Reason)> TryAsync(FeedEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Event is null)
        {
            return (Published.Impossible, entry.Fault);
        }
        var (outcome, reason) = await publisher.PublishAsync(entry.Event, cancellationToken);
        if (outcome == Published.Confirmed)
        {
            state.Confirmed();
        }
        else if (outcome == Published.Unconfirmed)
        {
            state.Refused(time);
        }
        else if (outcome == Published.Returned)
        {
            EventingMetrics.ReturnedEvents.Add(1);
        }
        return (outcome, reason);
    }

    private async Task RedriveAsync(CancellationToken lost)
    {
        foreach (var entry in await feed.ReadRedrivenAsync(RedriveBatch, lost))
        {
            var (outcome, reason) = await TryAsync(entry, lost);
            if (outcome == Published.Confirmed)
            {
                await _cursor.UnparkAsync(entry.Position, lost);
                Redriven(entry.Position);
            }
            else if (outcome == Published.Impossible)
            {
                await _cursor.RefuseAsync(entry.Position, reason!, lost);
                Parked(entry.Position, 1, reason!);
            }
            else
            {
                return; // the broker's fault: it stays asked for
            }
        }
    }

    private sealed class Round
    {
        private readonly Lock _gate = new();

        public int Failures { get; private set; }

        public FeedEntry? First { get; private set; }

        public string? Reason { get; private set; }

        /// <summary>The broker did not confirm something: the rest would only wait for its limit too.</summary>
        public bool IsBroken { get; private set; }

        public void Fail(FeedEntry entry, string? reason, Published outcome)
        {
            lock (_gate)
            {
                Failures++;
                First ??= entry;
                Reason ??= reason;
                IsBroken |= outcome == Published.Unconfirmed;
            }
        }
    }

    [LoggerMessage(10, LogLevel.Information, "This instance leads the relay")]
    private partial void LeadershipTaken();

    [LoggerMessage(11, LogLevel.Warning, "The relay cannot reach its database, next try in {Pause}")]
    private partial void DatabaseAway(Exception exception, TimeSpan pause);

    [LoggerMessage(17, LogLevel.Warning, "The broker has confirmed nothing for {Time}: another instance may try")]
    private partial void StandingBack(TimeSpan time);

    [LoggerMessage(14, LogLevel.Critical, "The relay cannot go on, next try in {Pause}")]
    private partial void Stuck(Exception exception, TimeSpan pause);

    [LoggerMessage(12, LogLevel.Warning, "Another relay has moved the cursor from {From} (this one was to set {To}): leadership given up")]
    private partial void CursorMovedElsewhere(long from, long to);

    [LoggerMessage(
        13,
        LogLevel.Warning,
        "{Count} events are not confirmed yet and are tried again; the first is {Position} ({EventType}): {Reason}"
    )]
    private partial void NotConfirmed(int count, long position, string? eventType, string? reason);

    [LoggerMessage(15, LogLevel.Error, "The event at position {Position} is parked after {Attempts} attempts: {Reason}")]
    private partial void Parked(long position, int attempts, string reason);

    [LoggerMessage(16, LogLevel.Information, "The parked event at position {Position} is published")]
    private partial void Redriven(long position);
}
