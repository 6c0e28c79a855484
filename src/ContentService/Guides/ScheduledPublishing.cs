using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>
/// Publishes what was scheduled when its time has come. Every instance looks five times a second; a row that one has locked the others skip,
/// and the schedule is gone with the commit that publishes: so it happens once, whoever stops meanwhile.
/// </summary>
internal sealed partial class ScheduledPublishing(
    NpgsqlDataSource database,
    EventLog log,
    GuidePublisher publisher,
    TimeProvider time,
    ILogger<ScheduledPublishing> logger
) : BackgroundService
{
    private const string AnySql = "SELECT EXISTS (SELECT FROM guide WHERE scheduled_at <= $1)";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        try
        {
            do
            {
                await PublishDueAsync(stoppingToken);
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task PublishDueAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await IsAnyDueAsync(cancellationToken) && await log.WriteAsync(PublishOneAsync, static done => done, cancellationToken))
            {
                continue; // until none is left
            }
        }
        catch (NpgsqlException e)
        {
            NotPublished(e); // the database is away, or busy: it is tried again in a moment
        }
    }

    private async Task<bool> IsAnyDueAsync(CancellationToken cancellationToken)
    {
        await using var look = database.CreateCommand(AnySql);
        look.Parameters.Add(new() { Value = time.UtcNowInMicroseconds() });
        return await look.ExecuteScalarAsync(cancellationToken) is true;
    }

    private async Task<bool> PublishOneAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        if (await LockedGuide.FindDueAsync(transaction, time.UtcNowInMicroseconds(), cancellationToken) is not { } guide)
        {
            return false; // another instance has it
        }
        await publisher.PublishScheduledAsync(transaction, guide, cancellationToken);
        return true;
    }

    [LoggerMessage(120, LogLevel.Warning, "What is scheduled could not be looked at or published")]
    private partial void NotPublished(Exception exception);
}
