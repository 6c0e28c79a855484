using Npgsql;

namespace BackendGuide.Eventing;

/// <summary>
/// The backbone's own way to the database: untraced, for it polls 50 times a second, and apart from the requests' pool, so that neither
/// can starve the other.
/// </summary>
internal sealed class EventingDatabase : IAsyncDisposable
{
    public EventingDatabase(string connectionString)
    {
        Pooled = Build(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 8, ApplicationName = "eventing" });
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
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.ConfigureTracing(tracing => tracing.ConfigureCommandFilter(_ => false));
        return builder.Build();
    }
}
