using System.Globalization;
using System.Reflection;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StackExchange.Redis;

namespace BackendGuide.Eventing.Caching;

/// <summary>Adds cached reads to a service.</summary>
public static class CachedReadsExtensions
{
    private const int DefaultMemoryMegabytes = 64;

    // Longer than an answer lives, and the slowest reader takes.
    private static readonly TimeSpan FloorsKept = AnswerCache.TimeToLive * 3;

    /// <summary>
    /// Adds <see cref="CachedReads"/>, over the Redis of <see cref="RedisExtensions.AddRedis"/> and the backbone of
    /// <see cref="EventingExtensions.AddEventing"/>, and what hears of evictions. The setting <c>ReadCache:KeyPrefix</c> keeps several systems on
    /// one Redis apart; <c>ReadCache:MemoryMegabytes</c> (by default 64; 0 for
    /// nothing) is what an instance keeps of ready answers.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="source">What the service's events name as their source.</param>
    /// <exception cref="InvalidOperationException">A setting is missing or out of bounds.</exception>
    public static void AddCachedReads(this IHostApplicationBuilder builder, string source)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var by = EventSources.ServiceOf(source);
        var settings = builder.Configuration.GetSection("ReadCache");
        var broker = builder.Configuration.GetBroker();
        var megabytes = settings.GetValue("MemoryMegabytes", DefaultMemoryMegabytes);
        if (megabytes is < 0 or > 65_536)
        {
            throw new InvalidOperationException($"ReadCache:MemoryMegabytes must be 0 to 65536, not {megabytes}.");
        }
        var prefix = Prefix(settings["KeyPrefix"], by);
        var services = builder.Services;
        services.AddSingleton(provider => new EvictionLedger(provider.GetRequiredService<TimeProvider>(), FloorsKept));
        services.AddSingleton(provider => new SharedAnswers(
            provider.GetRequiredService<IConnectionMultiplexer>(),
            by,
            prefix,
            provider.GetRequiredService<EvictionLedger>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddHostedService(provider => provider.GetRequiredService<SharedAnswers>());
        services.AddSingleton<IEvictionObserver>(provider => provider.GetRequiredService<SharedAnswers>());
        services.AddSingleton(provider => new AnswerCache(
            by,
            provider.GetRequiredService<EvictionLedger>(),
            provider.GetRequiredService<SharedAnswers>(),
            megabytes * 1024L * 1024L,
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(provider => new CachedReads(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<AnswerCache>(),
            provider.GetRequiredService<ServicePositions>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddEvictionListener(
            [by],
            broker,
            provider =>
            {
                var positions = provider.GetRequiredService<ServicePositions>();
                var database = provider.GetRequiredService<EventingDatabase>().Pooled;
                return (_, cancellationToken) => positions.ReadAsync(database, cancellationToken);
            }
        );
    }

    // Another build may make another body of the same rows.
    private static string Prefix(string? keyPrefix, string by)
    {
        var build =
            Assembly.GetEntryAssembly()?.ManifestModule.ModuleVersionId.ToString("N", CultureInfo.InvariantCulture)[..8] ?? "unknown";
        return keyPrefix is null ? $"{by}:{build}" : $"{keyPrefix}:{by}:{build}";
    }
}
