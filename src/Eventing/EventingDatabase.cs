using Npgsql;

namespace BackendGuide.Eventing;

/// <summary>
/// The backbone's own way to the database: untraced, for it polls 50 times a second, and apart from the requests' pool, so that neither
/// can starve the other.
/// </summary>
internal sealed class EventingDatabase : IAsyncDisposable
{
    // The server's own, for when this process cannot keep its limits any more: stopped in the middle of a statement, or cut off. They are
    // wider than the client's 10 s, so that a live client tells first. A leader's connection is idle outside any transaction: what ends
    // that one is its idle_session_timeout.
    // No plan is compiled (JIT): a page of the feed took half a second of that each time.
    private const string SessionLimits =
        "-c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c statement_timeout=15s -c jit=off";

    public EventingDatabase(string connectionString)
    {
        Pooled = Build(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                MaxPoolSize = 8,
                ApplicationName = "eventing",
                MaxAutoPrepare = 64,
                AutoPrepareMinUsages = 3,
                NoResetOnClose = true, // nothing that is done here outlives its transaction
            }
        );
        Unpooled = Build(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, ApplicationName = "eventing" });
    }

    /// <summary>For short statements.</summary>
    public NpgsqlDataSource Pooled { get; }

    /// <summary>For what lives with its connection, as an advisory lock does: a pooled one would carry it into its next use.</summary>
    public NpgsqlDataSource Unpooled { get; }

    public async ValueTask DisposeAsync()
    {
        await Pooled.DisposeAsync();
        await Unpooled.DisposeAsync();
    }

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings)
    {
        settings.Timeout = 5;
        settings.CommandTimeout = 10;
        settings.Options = $"{SessionLimits} {settings.Options}"; // of two values for a setting the later wins: the connection string's own
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.ConfigureTracing(tracing => tracing.ConfigureCommandFilter(_ => false));
        return builder.Build();
    }
}
