using Npgsql;

namespace BackendGuide.Eventing;

/// <summary>
/// The right to do what one instance alone does: an advisory lock on a connection of its own. A process that is stopped, not dead, keeps
/// its connection open, so the server itself ends a connection that has been idle for 15 s; a live leader pings every 5 s.
/// </summary>
internal sealed class Leadership : IAsyncDisposable
{
    /// <summary>The lock of the relay.</summary>
    public const long Relay = 724502;

    /// <summary>The lock of whoever looks after this database's consumer.</summary>
    public const long Consumer = 724505;

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _ended;
    private readonly Task _pinging;
    private bool _disposed;

    private Leadership(NpgsqlConnection connection, TimeProvider time, CancellationToken stopping)
    {
        _connection = connection;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Lost = _ended.Token;
        _pinging = PingAsync(time);
    }

    /// <summary>Cancelled when the lock is gone, or the process stops.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Null where another instance leads.</summary>
    /// <param name="unpooled">A data source without pooling: a pooled connection would carry the lock into its next use.</param>
    /// <param name="advisoryLock">What is led: <see cref="Relay"/> or <see cref="Consumer"/>.</param>
    /// <param name="instance">This instance's name, for whoever asks who leads.</param>
    /// <param name="time">Paces the pings.</param>
    /// <param name="stopping">Ends the leadership.</param>
    public static async Task<Leadership?> TryAcquireAsync(
        NpgsqlDataSource unpooled,
        long advisoryLock,
        string instance,
        TimeProvider time,
        CancellationToken stopping
    )
    {
        var connection = await unpooled.OpenConnectionAsync(stopping);
        try
        {
            await using var settings = new NpgsqlCommand(
                "SELECT set_config('idle_session_timeout', '15s', false), set_config('application_name', $1, false)",
                connection
            )
            {
                Parameters = { new() { Value = instance } },
            };
            await settings.ExecuteNonQueryAsync(stopping);
            await using var acquire = new NpgsqlCommand($"SELECT pg_try_advisory_lock({advisoryLock})", connection);
            if (await acquire.ExecuteScalarAsync(stopping) is true)
            {
                return new Leadership(connection, time, stopping);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    /// <summary>The name of the instance that leads; null where none does.</summary>
    public static async Task<string?> FindLeaderAsync(NpgsqlDataSource database, long advisoryLock, CancellationToken cancellationToken)
    {
        const string Sql = """
            SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid = 0 AND l.objid = $1::bigint::oid
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1
            """;
        await using var find = database.CreateCommand(Sql);
        find.Parameters.Add(new() { Value = advisoryLock });
        return await find.ExecuteScalarAsync(cancellationToken) as string;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }
        await _ended.CancelAsync();
        await _pinging;
        await _connection.DisposeAsync(); // the lock goes with the connection
        _ended.Dispose();
    }

    private async Task PingAsync(TimeProvider time)
    {
        try
        {
            while (true)
            {
                await Task.Delay(PingInterval, time, Lost);
                await using var ping = new NpgsqlCommand("SELECT 1", _connection) { CommandTimeout = 5 };
                await ping.ExecuteNonQueryAsync(Lost);
            }
        }
        catch
        {
            // Whatever it was: whoever cannot ping does not lead any more.
            await _ended.CancelAsync();
        }
    }
}
