using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// The answers that are kept, by their address; no more bytes of them than allowed, and those that were asked for last. A library's cache counts
/// what an entry takes once, when it comes, and these grow by each form that is made of them.
/// </summary>
/// <param name="maxBytes">What all together may take.</param>
/// <param name="time">The clock.</param>
internal sealed class AnswerStore(long maxBytes, TimeProvider time)
{
    // What was asked for within the same second is as old.
    private readonly long _precision = time.TimestampFrequency;
    private readonly ConcurrentDictionary<string, ServiceAnswer> _answers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _bytes;
    private long _removed;

    /// <summary>True where nothing is kept at all.</summary>
    public bool IsOff => maxBytes == 0;

    /// <summary>What they take.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>How many they are.</summary>
    public int Answers => _answers.Count;

    /// <summary>How many were removed because there was no room.</summary>
    public long Removed => Volatile.Read(ref _removed);

    /// <summary>What is kept, in no order; by this nothing was asked for.</summary>
    public IEnumerable<ServiceAnswer> All => _answers.Select(entry => entry.Value); // without a lock

    /// <summary>What is kept there; by this it was asked for now.</summary>
    public bool TryGet(string address, [MaybeNullWhen(false)] out ServiceAnswer answer) => TryGet(address, time.GetTimestamp(), out answer);

    /// <summary>What is kept there; by this it was asked for at that time.</summary>
    /// <param name="address">Where.</param>
    /// <param name="now">The time, as a timestamp.</param>
    /// <param name="answer">What is kept.</param>
    public bool TryGet(string address, long now, [MaybeNullWhen(false)] out ServiceAnswer answer)
    {
        if (!_answers.TryGetValue(address, out answer))
        {
            return false;
        }
        answer.Use(now, _precision);
        return true;
    }

    /// <summary>Keeps an answer in the place of another, if what is there does not object.</summary>
    /// <param name="address">Where.</param>
    /// <param name="answer">What to keep; null to keep nothing.</param>
    /// <param name="stays">True where what is there has to stay.</param>
    /// <param name="goes">True where the answer is not to be kept after all; asked while nothing else changes here.</param>
    /// <returns>True where it is kept.</returns>
    public bool Replace(string address, ServiceAnswer? answer, Predicate<ServiceAnswer> stays, Func<bool>? goes = null)
    {
        if (IsOff)
        {
            return false;
        }
        lock (_gate)
        {
            if (_answers.TryGetValue(address, out var before))
            {
                if (stays(before))
                {
                    return false;
                }
                Remove(address, before);
                answer?.TakeForms(before);
            }
            if (answer is null || SizeOf(address, answer) > maxBytes / 4 || goes?.Invoke() == true)
            {
                return false;
            }
            var now = time.GetTimestamp();
            answer.Begin(now, before?.UsedAt ?? now); // who asks for what is too old has used that
            _answers[address] = answer;
            Count(address, answer);
            MakeRoom();
            return true;
        }
    }

    /// <summary>Takes note that an answer has grown.</summary>
    public void Recount(string address, ServiceAnswer answer)
    {
        lock (_gate)
        {
            // Where it is not kept any more, or not yet, it counts when it is.
            if (Has(address, answer))
            {
                Count(address, answer);
                MakeRoom();
            }
        }
    }

    /// <summary>Removes what the service read longer ago than that, which nobody is given any more.</summary>
    public void RemoveOlder(TimeSpan limit)
    {
        var now = time.GetTimestamp();
        foreach (var (address, answer) in _answers) // without the lock: there are few to remove, and many to look at
        {
            if (time.GetElapsedTime(answer.ReadAt, now) < limit)
            {
                continue;
            }
            lock (_gate)
            {
                if (Has(address, answer))
                {
                    Remove(address, answer);
                }
            }
        }
    }

    /// <summary>True where just this answer is kept there.</summary>
    public bool Has(string address, ServiceAnswer answer) => _answers.TryGetValue(address, out var kept) && ReferenceEquals(kept, answer);

    private void MakeRoom()
    {
        if (_bytes <= maxBytes)
        {
            return;
        }
        // A tenth at once, so that looking for the oldest is rare.
        foreach (var (address, answer) in _answers.OrderBy(entry => entry.Value.UsedAt).ToList())
        {
            if (_bytes <= maxBytes - (maxBytes / 10))
            {
                return;
            }
            Remove(address, answer);
            _removed++;
        }
    }

    private void Remove(string address, ServiceAnswer answer)
    {
        _answers.TryRemove(address, out _);
        _bytes -= answer.Counted;
        answer.Counted = 0;
    }

    private void Count(string address, ServiceAnswer answer)
    {
        var size = SizeOf(address, answer);
        _bytes += size - answer.Counted;
        answer.Counted = size;
    }

    private static long SizeOf(string address, ServiceAnswer answer) => answer.Size + (address.Length * sizeof(char));
}
