using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace BackendGuide.ServiceDefaults.Caching;

/// <summary>Adds the read cache to a service.</summary>
public static class ReadCacheExtensions
{
    /// <summary>
    /// Adds the <see cref="ReadCache"/>, over the Redis of <see cref="RedisExtensions.AddRedis"/>. The setting <c>ReadCache:KeyPrefix</c>
    /// keeps several systems on one Redis apart.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="service">The service's name, the first part of each key.</param>
    public static void AddReadCache(this IHostApplicationBuilder builder, string service)
    {
        // Another build may make another body of the same rows.
        var build = Assembly.GetEntryAssembly()?.ManifestModule.ModuleVersionId.ToString("N")[..8] ?? "unknown";
        var name = $"{service}:{build}";
        var prefix = builder.Configuration["ReadCache:KeyPrefix"];
        builder.Services.AddSingleton(services => new ReadCache(
            services.GetRequiredService<IConnectionMultiplexer>(),
            prefix is null ? name : $"{prefix}:{name}",
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<IMeterFactory>()
        ));
    }
}
