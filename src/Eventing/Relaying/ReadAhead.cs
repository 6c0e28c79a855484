using System.Threading.Channels;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Log;

namespace BackendGuide.Eventing.Relaying;

/// <summary>
/// Reads what is committed, and announces what is old by it, in order: at once after a rest, and what comes within 20 ms of that together; and each
/// second up to where it has. The publishing takes it from here: a broker or a disk that is slow to confirm what is published, or the cursor's move,
/// delays events and not what readers see.
/// </summary>
/// <param name="feed">Where it is read.</param>
/// <param name="announcer">What announces it.</param>
/// <param name="signal">Says that something was committed.</param>
/// <param name="options">How much is read at once, and how often it is looked.</param>
/// <param name="epoch">The feed's history.</param>
/// <param name="from">What comes after this position is read.</param>
/// <param name="time">The clock.</param>
internal sealed class ReadAhead(
    Feed feed,
    EvictionAnnouncer announcer,
    RelaySignal signal,
    EventingOptions options,
    Guid epoch,
    long from,
    TimeProvider time
)
{
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(1);

    // What is committed one after the other is read, announced and applied together, at the price of so long; the first after a rest waits for nobody.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(20);

    // Of what is read and not yet taken; after that reading waits, for more would only fill the memory.
    private readonly int _most = options.RelayBatch * 10;
    private readonly Channel<(IReadOnlyList<FeedEntry> Entries, Task Announced)> _read = Channel.CreateUnbounded<(
        IReadOnlyList<FeedEntry>,
        Task
    )>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Queue<FeedEntry> _taken = new();
    private int _ahead;
    private Task _wait = Task.CompletedTask;

    /// <summary>Completes when all that was taken so far is announced, and the broker has confirmed that.</summary>
    public Task Announced { get; private set; } = Task.CompletedTask;

    /// <summary>Reads until it is cancelled. What goes wrong whoever takes hears of.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (last, beat, isWoken) = (from, time.GetTimestamp(), true);
            long? read = null;
            while (true)
            {
                var room = Math.Min(options.RelayBatch, _most - Volatile.Read(ref _ahead));
                var entries =
                    room > 0 && (isWoken || await feed.HasMoreAsync(last, cancellationToken))
                        ? await feed.ReadAsync(last, room, cancellationToken)
                        : [];
                if (entries.Count > 0)
                {
                    read = time.GetTimestamp();
                    RequireDense(last, entries);
                    last = entries[^1].Position;
                    Interlocked.Add(ref _ahead, entries.Count);
                    _read.Writer.TryWrite((entries, announcer.Announce(EvictionOf(entries))));
                }
                if (time.GetElapsedTime(beat) >= s_beat)
                {
                    announcer.Beat(feed.Source, epoch, last);
                    beat = time.GetTimestamp();
                }
                if (entries.Count == 0 || entries.Count < room)
                {
                    // That was all there were. What this process has committed since says so, what another has the next poll finds.
                    isWoken = await signal.WaitAsync(options.RelayPoll, cancellationToken);
                    await GatherAsync(read, cancellationToken);
                }
            }
        }
        catch (Exception e)
        {
            _read.Writer.TryComplete(e);
        }
    }

    private async Task GatherAsync(long? read, CancellationToken cancellationToken)
    {
        if (read is { } at && s_gather - time.GetElapsedTime(at) is var rest && rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, time, cancellationToken);
        }
    }

    /// <summary>The next entries, in order; none where there are no more yet.</summary>
    /// <exception cref="InvalidOperationException">The feed has a hole: nothing after it may be published.</exception>
    public async Task<IReadOnlyList<FeedEntry>> TakeAsync(int most)
    {
        while (_taken.Count < most && _read.Reader.TryRead(out var batch))
        {
            Announced = batch.Announced;
            foreach (var entry in batch.Entries)
            {
                _taken.Enqueue(entry);
            }
        }
        if (_taken.Count == 0 && _read.Reader.Completion.IsCompleted)
        {
            await _read.Reader.Completion;
        }
        List<FeedEntry> taken = [];
        while (taken.Count < most && _taken.TryDequeue(out var entry))
        {
            taken.Add(entry);
        }
        Interlocked.Add(ref _ahead, -taken.Count);
        return taken;
    }

    /// <summary>Returns when there is something to take, or after <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        // One wait lasts until it comes to something: each that is given up would stay behind.
        _wait = _wait.IsCompleted ? _read.Reader.WaitToReadAsync(CancellationToken.None).AsTask() : _wait;
        await _wait.WaitAsync(atMost, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static void RequireDense(long last, IReadOnlyList<FeedEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Position != ++last)
            {
                throw new InvalidOperationException(
                    $"The feed has a hole: position {last} is missing before {entry.Position}. Nothing after it is published."
                );
            }
        }
    }

    // The service's own rows changed with the commit, whatever comes of the publishing.
    private Eviction EvictionOf(IReadOnlyList<FeedEntry> entries) =>
        new(
            announcer.By,
            feed.Source,
            epoch,
            entries[0].Position,
            entries[^1].Position,
            [.. entries.SelectMany(entry => entry.Tags).Distinct()],
            [
                .. entries
                    .Select(entry => entry.Event)
                    .OfType<CloudEvent>()
                    .Select(it => new EvictedChange(EventHandlers.PositionOf(it), it.Type, it.Time, it.TraceParent)),
            ]
        );
}
