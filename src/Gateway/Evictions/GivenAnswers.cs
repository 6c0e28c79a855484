using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using Microsoft.Extensions.Caching.Memory;

namespace BackendGuide.Gateway.Evictions;

/// <summary>
/// What this gateway has given out, by address: so that the next answer is never older, whichever instance gives it, and never older than a
/// change that the gateway has heard of, or has told an editor of.
/// </summary>
internal sealed class GivenAnswers(EvictionLedger ledger) : IDisposable
{
    private const int Most = 20_000;

    private readonly MemoryCache _given = new(new MemoryCacheOptions { SizeLimit = Most });
    private readonly Lock _gate = new();
    private volatile Dictionary<string, ChangeCursor> _acknowledged = [];

    /// <summary>What the next answer must not be older than.</summary>
    public ChangeCursor NotBefore(string service, string address)
    {
        if (_given.TryGetValue(address, out Given? given))
        {
            // Of what was evicted before the gateway began to hear, or began anew, it knows no tags: it may be any answer from before.
            return given!.Since.Later(ledger.FloorOf(service, given.Tags)).Later(ledger.HeardSince(service));
        }
        // What it is made of nobody knows yet: it may be whatever was heard of, or acknowledged a moment ago and not announced yet.
        var reached = ledger.Reached(service);
        return _acknowledged.TryGetValue(service, out var acknowledged) ? reached.Later(acknowledged) : reached;
    }

    /// <summary>Takes note of an answer that goes out.</summary>
    /// <param name="address">The path with its query.</param>
    /// <param name="since">Up to where it shows anything of what the service had.</param>
    /// <param name="tags">What it was made of.</param>
    public void Give(string address, ChangeCursor since, IReadOnlyList<string> tags)
    {
        lock (_gate)
        {
            // Answers overtake one another on their way: where one was read earlier, what it was made of is not what there is now.
            var next =
                _given.TryGetValue(address, out Given? given) && given!.Since.IsAtLeast(since) && !since.IsAtLeast(given.Since)
                    ? given
                    : new Given(since, tags);
            _given.Set(address, next, new MemoryCacheEntryOptions { Size = 1 });
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
                lock (_gate)
                {
                    var last = _acknowledged.GetValueOrDefault(service) ?? ChangeCursor.Start;
                    var own = ChangeCursor.Start.With(source, position);
                    _acknowledged = new Dictionary<string, ChangeCursor>(_acknowledged) { [service] = own.Later(last) };
                }
            }
        }
    }

    public void Dispose() => _given.Dispose();

    private sealed record Given(ChangeCursor Since, IReadOnlyList<string> Tags);
}
