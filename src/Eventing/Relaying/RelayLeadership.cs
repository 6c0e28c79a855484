using Npgsql;

namespace BackendGuide.Eventing.Relaying;

/// <summary>
/// The right to publish, held by one instance: an advisory lock on a connection of its own. A process that is stopped, not dead, keeps
/// its connection open, so the server itself ends a connection that has been idle for 15 s; a live leader pings every 5 s.
/// </summary>
internal sealed class RelayLeadership : IAsyncDisposable
{
    private const long AdvisoryLock = 724502;
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _ended;
    private readonly Task _pinging;

    private RelayLeadership(NpgsqlConnection connection, TimeProvider time, CancellationToken stopping)
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
    /// <param name="time">Paces the pings.</param>
    /// <param name="stopping">Ends the leadership.</param>
    public static async Task<RelayLeadership?> TryAcquireAsync(NpgsqlDataSource unpooled, TimeProvider time, CancellationToken stopping)
    {
        var connection = await unpooled.OpenConnectionAsync(stopping);
        try
        {
            await using var command = new NpgsqlCommand("SET idle_session_timeout = '15s'", connection);
            await command.ExecuteNonQueryAsync(stopping);
            command.CommandText = $"SELECT pg_try_advisory_lock({AdvisoryLock})";
            if (await command.ExecuteScalarAsync(stopping) is true)
            {
                return new RelayLeadership(connection, time, stopping);
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

    public async ValueTask DisposeAsync()
    {
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
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            await _ended.CancelAsync();
        }
    }
}
