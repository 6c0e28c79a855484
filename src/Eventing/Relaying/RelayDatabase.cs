using Npgsql;

namespace BackendGuide.Eventing.Relaying;

/// <summary>
/// The relay's own way to the database: untraced, for it polls 50 times a second, and apart from the requests' pool, so that neither
/// can starve the other.
/// </summary>
internal sealed class RelayDatabase : IAsyncDisposable
{
    public RelayDatabase(string connectionString)
    {
        Pooled = Build(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 4, ApplicationName = "relay" });
        Unpooled = Build(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, ApplicationName = "relay-leader" });
    }

    public NpgsqlDataSource Pooled { get; }

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
