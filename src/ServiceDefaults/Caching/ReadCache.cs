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
/// <param name="meters">Counts hits, misses and errors.</param>
public sealed class ReadCache(IConnectionMultiplexer redis, string service, IMeterFactory meters)
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromHours(1);

    private readonly Counter<long> _reads = meters
        .Create("BackendGuide.ReadCache")
        .CreateCounter<long>("backendguide.cache.reads", "{read}", "Reads through the Redis cache, by result: hit, miss or error.");

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
        try
        {
            byte[]? value = await redis.GetDatabase().StringGetAsync(key);
            var cached = value is null ? null : CacheEntry.Read(value);
            Count(cached is null ? "miss" : "hit");
            return cached;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Count("error");
            return null;
        }
    }

    // Fire and forget: the reader does not wait for a later reader's gain.
    private void TryWrite(RedisKey key, Representation body)
    {
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
