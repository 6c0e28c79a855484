using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BackendGuide.ServiceDefaults;

/// <summary>The service's own PostgreSQL database.</summary>
public static class PostgresExtensions
{
    // A client that stands still must not hold up the others: not by a lock that it waits for, nor by a transaction that it forgot, nor by
    // a statement that nobody waits for any more. Nor by what is written to a full-text index and not merged, in KiB: a search reads all of that.
    // And no plan is compiled (JIT): that takes up to half a second each time, where PostgreSQL takes a short list for a long one and expects to win it back.
    private const string SessionLimits =
        "-c lock_timeout=2s -c idle_in_transaction_session_timeout=30s -c statement_timeout=60s -c gin_pending_list_limit=256 -c jit=off";

    // The same few statements are sent again and again: to parse and plan each anew costs the server more than to run it. And what a session keeps
    // beyond a transaction is nothing here, so that there is nothing to be reset before its next use.
    private const string SameStatements = "Max Auto Prepare=128;Auto Prepare Min Usages=3;No Reset On Close=true";

    /// <summary>
    /// Registers the one <see cref="NpgsqlDataSource"/> of the service and the health check <c>postgres</c>, which is Unhealthy
    /// when the database does not answer within 2 s.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="connectionName">
    /// The name under <c>ConnectionStrings</c>. The string may set what is set here: 5 s to connect, 30 s for a command, at most 20
    /// connections (several instances share a server that has 100 by default), 2 s to wait for a lock, 30 s for a transaction without a
    /// statement, 60 s for a statement on the server, no plan compiled (<c>jit</c>), statements prepared when they come for the third time (a pooler that shares sessions by
    /// transaction needs <c>Max Auto Prepare=0</c>), and the service's name as the application's.
    /// </param>
    /// <exception cref="OptionsValidationException">At start, or on first use before: the setting is missing or unreadable.</exception>
    /// <returns>The same builder.</returns>
    public static TBuilder AddPostgres<TBuilder>(this TBuilder builder, string connectionName)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionName);
        // Of two values for a keyword the later wins, so whatever the setting says overrules these.
        var defaults =
            $"Timeout=5;Command Timeout=30;Maximum Pool Size=20;Application Name={builder.Environment.ApplicationName};Options={SessionLimits};{SameStatements};";
        ConnectionSetting.Add(builder, connectionName, static text => _ = new NpgsqlConnectionStringBuilder(text));
        builder.Services.AddNpgsqlDataSource(
            "",
            (services, postgres) =>
            {
                var setting = services.GetRequiredService<IOptionsMonitor<ConnectionSetting>>().Get(connectionName);
                postgres.ConnectionStringBuilder.ConnectionString = defaults + setting.Value;
            }
        );
        builder
            .Services.AddHealthChecks()
            .AddCheck<PostgresHealthCheck>("postgres", HealthStatus.Unhealthy, tags: [], timeout: TimeSpan.FromSeconds(2));
        return builder;
    }
}
