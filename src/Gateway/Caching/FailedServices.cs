using System.Collections.Concurrent;
using BackendGuide.Gateway.Routing;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Which services have just failed somebody who then got something old, or were away when what is kept was to be read anew: nobody else who can get
/// such waits to find out the same. One load in a second tries, and the first that works closes the matter.
/// </summary>
internal sealed class FailedServices(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, long> _triedAt = new(StringComparer.Ordinal);

    public bool Has(string service) => _triedAt.ContainsKey(service);

    /// <summary>Where it has failed before, the next try comes no later for that.</summary>
    public void Add(string service) => _triedAt.TryAdd(service, time.GetTimestamp());

    public void Remove(string service)
    {
        if (Has(service)) // without a lock, as a rule
        {
            _triedAt.TryRemove(service, out _);
        }
    }

    /// <summary>True for one caller in a second.</summary>
    public bool MayTry(string service) =>
        _triedAt.TryGetValue(service, out var last)
        && time.GetElapsedTime(last) >= FirstFailure.Rest
        && _triedAt.TryUpdate(service, time.GetTimestamp(), last);
}
