using System.Buffers.Text;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using BackendGuide.ServiceDefaults.Http;
using StackExchange.Redis;

namespace BackendGuide.ServiceDefaults.Caching;

/// <summary>
/// Ready bodies in Redis, shared by all instances of a service. A key names the version of every row that the body was made of, so an
/// entry never goes old and nothing is evicted: what changed is read under another key. Redis away makes a read slower, never wrong.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="service">The first part of each key.</param>
/// <param name="time">Measures how long a Redis that did not answer is left alone.</param>
/// <param name="meters">Counts hits, misses, errors and what was skipped.</param>
public sealed class ReadCache(IConnectionMultiplexer redis, string service, TimeProvider time, IMeterFactory meters)
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromHours(1);

    // A read from PostgreSQL takes a few milliseconds: a cache that takes longer than this is none, and is left alone for a while.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LeftAloneFor = TimeSpan.FromSeconds(5);
    private long _leftAloneSince = long.MinValue;

    private readonly Counter<long> _reads = meters
        .Create("BackendGuide.ReadCache")
        .CreateCounter<long>(
            "backendguide.cache.reads",
            "{read}",
            "Reads through the Redis cache, by result: hit, miss, error or skipped."
        );

    /// <summary>The cached body for exactly these versions, or what <paramref name="load"/> makes of them now.</summary>
    /// <param name="resource">The resource and its representation.</param>
    /// <param name="versions">The epoch and the version of each row behind the body.</param>
    /// <param name="load">
    /// Reads the rows and makes the body. It returns the versions that it saw too: rows may have changed since the caller looked.
    /// </param>
    /// <param name="cancellationToken">The request's.</param>
    public async Task<Representation?> GetOrLoadAsync(
        string resource,
        string versions,
        Func<CancellationToken, Task<(string Versions, Representation Body)?>> load,
        CancellationToken cancellationToken
    )
    {
        if (await TryReadAsync(Key(resource, versions)) is { } cached)
        {
            return cached;
        }
        if (await load(cancellationToken) is not { } loaded)
        {
            return null;
        }
        TryWrite(Key(resource, loaded.Versions), loaded.Body);
        return loaded.Body;
    }

    private async Task<Representation?> TryReadAsync(RedisKey key)
    {
        if (IsLeftAlone())
        {
            Count("skipped");
            return null;
        }
        try
        {
            byte[]? value = await redis.GetDatabase().StringGetAsync(key).WaitAsync(Patience, time);
            var cached = value is null ? null : CacheEntry.Read(value);
            Count(cached is null ? "miss" : "hit");
            return cached;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Interlocked.Exchange(ref _leftAloneSince, time.GetTimestamp());
            Count("error");
            return null;
        }
    }

    private bool IsLeftAlone()
    {
        var since = Interlocked.Read(ref _leftAloneSince);
        return since != long.MinValue && time.GetElapsedTime(since) < LeftAloneFor;
    }

    // Fire and forget: the reader does not wait for a later reader's gain.
    private void TryWrite(RedisKey key, Representation body)
    {
        if (IsLeftAlone())
        {
            return;
        }
        try
        {
            redis.GetDatabase().StringSet(key, CacheEntry.Write(body), TimeToLive, flags: CommandFlags.FireAndForget);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Count("error");
        }
    }

    private RedisKey Key(string resource, string versions) =>
        $"{service}:{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{resource}\n{versions}")))}";

    private void Count(string result) => _reads.Add(1, new KeyValuePair<string, object?>("result", result));
}
