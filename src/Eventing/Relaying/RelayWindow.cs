using BackendGuide.Eventing.Log;

namespace BackendGuide.Eventing.Relaying;

/// <summary>
/// What the leading relay has read from the feed and not all confirmed yet. An event that waits (its queue is missing, or it cannot be
/// published) holds up its own resource and the cursor, and nothing else.
/// </summary>
internal sealed class RelayWindow(Guid epoch, long cursor, int limit, TimeProvider time)
{
    // With that many put off, what is wrong is wrong with them all: a queue is missing. To read on would only have more of them returned.
    private const int MostDeferred = 256;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<long, FeedEntry> _waiting = [];
    private readonly Dictionary<long, (int Attempts, DateTimeOffset NotBefore)> _tried = [];

    /// <summary>The history that its positions belong to.</summary>
    public Guid Epoch => epoch;

    /// <summary>Everything up to here has been read.</summary>
    public long ReadUpTo { get; private set; } = cursor;

    /// <summary>Everything up to here is confirmed or parked.</summary>
    public long Done => _waiting.Count == 0 ? ReadUpTo : _waiting.First().Key - 1;

    /// <summary>How many more may be read before something must be confirmed.</summary>
    public int Room => _tried.Count >= MostDeferred ? 0 : Math.Max(0, limit - _waiting.Count);

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>What is to be published now, in order, by the resource whose events must not overtake one another.</summary>
    public IReadOnlyList<IReadOnlyList<FeedEntry>> TakeChains()
    {
        var now = time.GetUtcNow();
        return
        [
            .. _waiting
                .Values.GroupBy(entry => entry.AggregateId)
                .Select(chain => chain.ToList())
                .Where(chain => _tried.GetValueOrDefault(chain[0].Position).NotBefore <= now),
        ];
    }

    /// <summary>Takes what was read next.</summary>
    /// <param name="entries">Dense, and right after <see cref="ReadUpTo"/>.</param>
    public void Add(IReadOnlyList<FeedEntry> entries)
    {
        foreach (var entry in entries)
        {
            ReadUpTo = entry.Position;
            if (!entry.IsParked)
            {
                _waiting.Add(entry.Position, entry);
            }
        }
    }

    /// <summary>Confirmed, or parked.</summary>
    public void Finish(long position)
    {
        lock (_waiting)
        {
            _waiting.Remove(position);
            _tried.Remove(position);
        }
    }

    /// <summary>Puts off an event that was not published, and by it those of its resource: each time for longer, up to a second.</summary>
    /// <returns>How often it has been tried.</returns>
    public int Defer(long position)
    {
        lock (_waiting)
        {
            var attempts = _tried.GetValueOrDefault(position).Attempts + 1;
            var pause = TimeSpan.FromMilliseconds(Math.Min(50 * attempts, LongestPause.TotalMilliseconds));
            _tried[position] = (attempts, time.GetUtcNow() + pause);
            return attempts;
        }
    }
}
