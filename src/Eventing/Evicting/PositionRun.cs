namespace BackendGuide.Eventing.Evicting;

/// <summary>
/// Positions that come in any order and more than once, and how far they are without a hole. A hole that stays although something is known
/// to be there is a loss.
/// </summary>
internal sealed class PositionRun(long start, TimeProvider time)
{
    private readonly SortedDictionary<long, long> _beyond = []; // each run behind a hole, by its first position
    private long _end = start;
    private long _known = start;
    private long _stoodAt = -1;
    private long _stoodSince;

    /// <summary>Everything up to here has come.</summary>
    public long End
    {
        get => Volatile.Read(ref _end);
        private set => Volatile.Write(ref _end, value);
    }

    /// <summary>Takes positions that have come.</summary>
    public void Add(long from, long to)
    {
        if (to <= End)
        {
            return;
        }
        if (from > End + 1)
        {
            AddBeyond(from, to);
            return;
        }
        End = to;
        while (_beyond.Count > 0 && _beyond.First() is var (first, last) && first <= End + 1)
        {
            End = Math.Max(End, last);
            _beyond.Remove(first);
        }
    }

    // One run for all that is next to one another, so that a hole that stays costs no more than the holes behind it.
    private void AddBeyond(long from, long to)
    {
        foreach (var (first, last) in _beyond.Where(run => run.Key <= to + 1 && run.Value >= from - 1).ToList())
        {
            (from, to) = (Math.Min(from, first), Math.Max(to, last));
            _beyond.Remove(first);
        }
        _beyond[from] = to;
    }

    /// <summary>Takes note that everything up to here has happened, so that it must have come, or be about to.</summary>
    public void Expect(long upTo) => _known = Math.Max(_known, upTo);

    /// <summary>
    /// True where what must be there has not come, and nothing else that would lead there, for longer than <paramref name="patience"/>.
    /// </summary>
    public bool HasLost(TimeSpan patience)
    {
        if (End >= _known)
        {
            _stoodAt = -1;
            return false;
        }
        if (_stoodAt != End)
        {
            (_stoodAt, _stoodSince) = (End, time.GetTimestamp());
        }
        return time.GetElapsedTime(_stoodSince) > patience;
    }

    /// <summary>Gives up what was lost, and goes on behind it.</summary>
    public void SkipLost()
    {
        End = Math.Max(End, _known);
        _beyond.Clear();
        _stoodAt = -1;
    }
}
