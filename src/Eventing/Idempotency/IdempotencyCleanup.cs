using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Idempotency;

/// <summary>
/// Removes kept answers that no longer count, at start and every hour. It is about space alone: a request does not see them anyway. Any
/// number of instances may do it at once.
/// </summary>
internal sealed partial class IdempotencyCleanup(NpgsqlDataSource database, TimeProvider time, ILogger<IdempotencyCleanup> logger)
    : BackgroundService
{
    private const string RemoveSql = "DELETE FROM idempotency_key WHERE created_at <= $1";

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await RemoveAsync(stoppingToken);
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RemoveAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var remove = database.CreateCommand(RemoveSql);
            remove.Parameters.Add(new() { Value = time.UtcNowInMicroseconds() - IdempotentWrites.Lifetime });
            Removed(await remove.ExecuteNonQueryAsync(stoppingToken));
        }
        catch (NpgsqlException e)
        {
            NotRemoved(e); // the next hour takes them along
        }
    }

    [LoggerMessage(50, LogLevel.Debug, "{Count} answers to requests with an Idempotency-Key removed after their time")]
    private partial void Removed(int count);

    [LoggerMessage(51, LogLevel.Warning, "Answers to requests with an Idempotency-Key could not be removed after their time")]
    private partial void NotRemoved(Exception exception);
}
