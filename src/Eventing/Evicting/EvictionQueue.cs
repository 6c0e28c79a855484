namespace BackendGuide.Eventing.Evicting;

/// <summary>What is still to be announced, in order. It has an end: what would be too much becomes one announcement that evicts everything.</summary>
internal sealed class EvictionQueue : IDisposable
{
    private const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _filled = new(0, 1);
    private List<Waiting> _waiting = [];

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count == 0;
            }
        }
    }

    /// <returns>Completes when it is announced.</returns>
    public Task Add(Eviction eviction)
    {
        var waiting = new Waiting(eviction, []);
        lock (_gate)
        {
            _waiting.Add(waiting);
            if (_waiting.Count > Most)
            {
                _waiting = Shorten(_waiting);
            }
        }
        Wake();
        return waiting.Announced.Task;
    }

    /// <summary>Takes all that waits, with what is next to one another in one; waits until there is something.</summary>
    public async Task<IReadOnlyList<Waiting>> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.Count > 0)
                {
                    var taken = Join(_waiting);
                    _waiting = [];
                    return taken;
                }
            }
            await _filled.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Gives back what could not be announced: it comes first again.</summary>
    public void Return(IEnumerable<Waiting> waiting)
    {
        lock (_gate)
        {
            _waiting = [.. waiting, .. _waiting];
        }
        Wake();
    }

    public void Dispose() => _filled.Dispose();

    private void Wake()
    {
        lock (_gate)
        {
            if (_filled.CurrentCount == 0)
            {
                _filled.Release();
            }
        }
    }

    private static List<Waiting> Join(List<Waiting> waiting)
    {
        List<Waiting> joined = [];
        foreach (var next in waiting)
        {
            if (joined.Count > 0 && joined[^1].Eviction.TryJoin(next.Eviction) is { } both)
            {
                joined[^1] = new Waiting(both, [.. joined[^1].Whole, .. next.Whole]);
            }
            else
            {
                joined.Add(next);
            }
        }
        return joined;
    }

    // Of each source's history one: whoever hears it forgets everything up to there, whatever it was that changed.
    private static List<Waiting> Shorten(List<Waiting> waiting) =>
        [
            .. waiting
                .GroupBy(one => (one.Eviction.Source, one.Eviction.Epoch, IsBehind: one.Eviction.To < one.Eviction.From))
                .Select(same => new Waiting(
                    same.First().Eviction with
                    {
                        // Where there is no range, the floor is what counts.
                        From = same.Key.IsBehind ? same.Max(one => one.Eviction.From) : same.Min(one => one.Eviction.From),
                        To = same.Max(one => one.Eviction.To),
                        Tags = [Eviction.Everything],
                        Changes = [],
                    },
                    [.. same.SelectMany(one => one.Whole)]
                )),
        ];

    internal sealed record Waiting(Eviction Eviction, IReadOnlyList<Waiting> Parts)
    {
        public TaskCompletionSource Announced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>What it was made of, where it was, and else itself.</summary>
        public IEnumerable<Waiting> Whole => Parts.Count > 0 ? Parts : [this];

        /// <summary>It is confirmed, and with it all that it was made of.</summary>
        public void Done()
        {
            foreach (var part in Whole)
            {
                part.Announced.TrySetResult();
            }
        }
    }
}
