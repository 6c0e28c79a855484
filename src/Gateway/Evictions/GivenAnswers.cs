using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using Microsoft.Extensions.Caching.Memory;

namespace BackendGuide.Gateway.Evictions;

/// <summary>
/// What this gateway has given out, by address: so that the next answer is never older, whichever instance gives it, and never older than a
/// change that the gateway has heard of, or has told an editor of.
/// </summary>
internal sealed class GivenAnswers(EvictionLedger ledger, TimeProvider time) : IDisposable
{
    private const long MostBytes = 32 * 1024 * 1024;
    private const int BytesBesides = 512;
    private const int LongestKey = 128;

    // After that no older answer can be kept anywhere, whenever within the shorter time it was given out last.
    private static readonly TimeSpan s_remembered = AnswerCache.TimeToLive * 3;
    private static readonly TimeSpan s_refreshed = AnswerCache.TimeToLive / 2;

    private readonly MemoryCache _given = new(new MemoryCacheOptions { SizeLimit = MostBytes, CompactionPercentage = 0.2 });

    // One for some of the addresses: who gives out one answer need not wait for who gives out another.
    private readonly Lock[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private readonly ConcurrentDictionary<string, ChangeCursor> _highest = []; // of each service, whatever the address: acknowledged, or given out

    /// <summary>What the next answer must not be older than.</summary>
    public ChangeCursor NotBefore(string service, string address)
    {
        if (_given.TryGetValue(KeyOf(address), out Given? given))
        {
            // Of what was evicted before the gateway began to hear, or began anew, it knows no tags: it may be any answer from before.
            return given!.Since.Later(ledger.FloorOf(service, given.Tags)).Later(ledger.HeardSince(service));
        }
        // What it is made of nobody knows, or nobody remembers: it may be whatever was heard of, acknowledged or given out.
        var reached = ledger.Reached(service);
        return _highest.TryGetValue(service, out var highest) ? reached.Later(highest) : reached;
    }

    /// <summary>Takes note of an answer that goes out.</summary>
    /// <param name="service">Whose it is.</param>
    /// <param name="address">The path with its query.</param>
    /// <param name="since">Up to where it shows anything of what the service had.</param>
    /// <param name="tags">What it was made of.</param>
    public void Give(string service, string address, ChangeCursor since, IReadOnlyList<string> tags)
    {
        Raise(service, since);
        var key = KeyOf(address);
        lock (GateOf(key))
        {
            var now = time.GetTimestamp();
            var next = default(Given);
            if (_given.TryGetValue(key, out Given? given) && given!.Since.IsAtLeast(since))
            {
                // Answers overtake one another on their way: where one was read earlier, what it was made of is not what there is now.
                var isOlder = !since.IsAtLeast(given.Since);
                if ((isOlder || given.Tags.SequenceEqual(tags)) && time.GetElapsedTime(given.At, now) < s_refreshed)
                {
                    return; // as most are
                }
                next = isOlder ? given with { At = now } : null;
            }
            next ??= new Given(since, tags, now);
            var size = BytesBesides + ((key.Length + next.Tags.Sum(tag => tag.Length)) * (long)sizeof(char));
            _given.Set(key, next, new MemoryCacheEntryOptions { Size = size, AbsoluteExpirationRelativeToNow = s_remembered });
        }
    }

    /// <summary>True where nothing that was given out at the address is known to be newer than what was read there.</summary>
    public bool IsNewest(string address, ChangeCursor since)
    {
        var key = KeyOf(address);
        lock (GateOf(key))
        {
            return _given.TryGetValue(key, out Given? newest) && since.IsAtLeast(newest!.Since);
        }
    }

    /// <summary>Takes note of a change that an editor is about to be told of.</summary>
    /// <param name="service">Whose it is.</param>
    /// <param name="cursor">Where it is in that service's feed.</param>
    /// <param name="tags">What it changes.</param>
    public void Acknowledge(string service, ChangeCursor cursor, IReadOnlyList<string> tags)
    {
        foreach (var source in ChangeCursor.Sources)
        {
            if (EventSources.ServiceOf(source) == service && cursor.Of(source) is { } position)
            {
                ledger.Evict(service, source, position, tags);
                Raise(service, ChangeCursor.Start.With(source, position));
            }
        }
    }

    public void Dispose() => _given.Dispose();

    private void Raise(string service, ChangeCursor to)
    {
        if (!_highest.TryGetValue(service, out var highest) || !highest.IsAtLeast(to))
        {
            _highest.AddOrUpdate(service, to, (_, now) => to.Later(now));
        }
    }

    private Lock GateOf(string key) => _gates[(uint)key.GetHashCode(StringComparison.Ordinal) % (uint)_gates.Length];

    // However long an address is that somebody makes up.
    private static string KeyOf(string address) =>
        address.Length <= LongestKey ? address : Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(address)));

    private sealed record Given(ChangeCursor Since, IReadOnlyList<string> Tags, long At);
}
