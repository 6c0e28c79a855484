using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace BackendGuide.ServiceDefaults;

/// <summary>The shared Redis: a cache, which may be away at any time.</summary>
public static class RedisExtensions
{
    private const int TimeoutMilliseconds = 500;

    /// <summary>
    /// Registers the <see cref="IConnectionMultiplexer"/>, spans for its commands, and the health check <c>redis</c>, which is
    /// Degraded when Redis does not answer. Nothing fails at start while Redis is away, commands then fail at once
    /// (<see cref="RedisConnectionException"/>) instead of queueing, and the connection comes back by itself.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="connectionName">The name under <c>ConnectionStrings</c>; the string is one of StackExchange.Redis.</param>
    /// <exception cref="OptionsValidationException">At start, or on first use before: the setting is missing or unreadable.</exception>
    /// <returns>The same builder.</returns>
    public static TBuilder AddRedis<TBuilder>(this TBuilder builder, string connectionName)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionName);
        ConnectionSetting.Add(builder, connectionName, static text => _ = ConfigurationOptions.Parse(text));
        builder.Services.TryAddSingleton<RedisTracing>();
        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            var setting = services.GetRequiredService<IOptionsMonitor<ConnectionSetting>>().Get(connectionName);
            var redis = ConnectionMultiplexer.Connect(Configure(setting.Value, builder.Environment.ApplicationName));
            services.GetRequiredService<RedisTracing>().Watch(redis);
            return redis;
        });
        builder
            .Services.AddHealthChecks()
            .AddCheck<RedisHealthCheck>("redis", HealthStatus.Degraded, tags: [], timeout: TimeSpan.FromSeconds(2));
        return builder;
    }

    internal static ConfigurationOptions Configure(string connectionString, string applicationName)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        options.ClientName ??= applicationName;
        options.AbortOnConnectFail = false;
        // A cache that answers late is worse than one that does not: a read then goes to PostgreSQL.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ConnectTimeout = TimeoutMilliseconds;
        options.SyncTimeout = TimeoutMilliseconds;
        options.AsyncTimeout = TimeoutMilliseconds;
        options.ConnectRetry = 1;
        options.ReconnectRetryPolicy = new LinearRetry(TimeoutMilliseconds);
        return options;
    }
}
