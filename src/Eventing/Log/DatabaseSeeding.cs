using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Log;

/// <summary>
/// Gives an empty database its first content, once, before the service takes requests: in one transaction of the event log, under an
/// advisory lock. Of several instances that start at once, one does it.
/// </summary>
/// <param name="log">Where it is written.</param>
/// <param name="table">The table that is empty in a database without content.</param>
/// <param name="logger">Told what was seeded.</param>
public abstract partial class DatabaseSeeding(EventLog log, string table, ILogger logger) : IHostedLifecycleService
{
    private const long AdvisoryLock = 724504;

    /// <inheritdoc />
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var count = await log.WriteAsync(SeedOnceAsync, cancellationToken);
        if (count > 0)
        {
            Seeded(table, count);
        }
    }

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes the content, by the same path as a request does.</summary>
    /// <returns>How many resources there are now.</returns>
    protected abstract Task<int> SeedAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken);

    private async Task<int> SeedOnceAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var locking = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({AdvisoryLock})", transaction.Connection, transaction);
        await locking.ExecuteNonQueryAsync(cancellationToken);
        // A statement of its own, after the lock: its snapshot has what the instance before this one committed.
        await using var look = new NpgsqlCommand($"SELECT NOT EXISTS (SELECT FROM {table})", transaction.Connection, transaction);
        return await look.ExecuteScalarAsync(cancellationToken) is true ? await SeedAsync(transaction, cancellationToken) : 0;
    }

    [LoggerMessage(30, LogLevel.Information, "The table {Table} was empty: {Count} resources seeded")]
    private partial void Seeded(string table, int count);
}
