using System.Collections.Concurrent;
using BackendGuide.Gateway.Routing;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Which services have just failed somebody who then got something old, or were away when what is kept was to be read anew: nobody else who can get
/// such waits to find out the same. One load in a second tries, and the first that works closes the matter. Where nobody has tried for a while nothing is
/// known: whoever comes next finds out.
/// </summary>
internal sealed class FailedServices(TimeProvider time)
{
    /// <summary>How long it is known after a try: the next one has begun by then, where there is anybody to begin it, and takes no longer than a reader waits.</summary>
    public static readonly TimeSpan Known = FirstFailure.Rest * 2;

    private readonly ConcurrentDictionary<string, long> _triedAt = new(StringComparer.Ordinal);

    public bool Has(string service) => _triedAt.TryGetValue(service, out var last) && IsKnown(last);

    /// <summary>Where it has failed before, the next try comes no later for that.</summary>
    public void Add(string service) =>
        _triedAt.AddOrUpdate(
            service,
            static (_, now) => now.Timestamp,
            static (_, last, now) => now.Services.IsKnown(last) ? last : now.Timestamp,
            (Services: this, Timestamp: time.GetTimestamp())
        );

    public void Remove(string service)
    {
        if (_triedAt.ContainsKey(service)) // without a lock, as a rule
        {
            _triedAt.TryRemove(service, out _);
        }
    }

    /// <summary>True for one caller in a second.</summary>
    public bool MayTry(string service) =>
        _triedAt.TryGetValue(service, out var last)
        && time.GetElapsedTime(last) >= FirstFailure.Rest
        && _triedAt.TryUpdate(service, time.GetTimestamp(), last);

    private bool IsKnown(long last) => time.GetElapsedTime(last) < Known;
}
