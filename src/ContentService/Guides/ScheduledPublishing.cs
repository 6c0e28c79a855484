using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>
/// Publishes what was scheduled when its time has come. Every instance looks five times a second; a row that one has locked the others skip,
/// and the schedule is gone with the commit that publishes: so it happens once, whoever stops meanwhile. One that cannot be published keeps no
/// other waiting: it is tried again later.
/// </summary>
internal sealed partial class ScheduledPublishing(
    NpgsqlDataSource database,
    EventLog log,
    GuidePublisher publisher,
    TimeProvider time,
    ILogger<ScheduledPublishing> logger
) : BackgroundService
{
    // Not EXISTS: once that is prepared PostgreSQL guesses that a third of all guides is due, and reads them one by one to find the first.
    internal const string AnySql = """
        SELECT count(*) > 0 FROM (SELECT FROM guide WHERE scheduled_at <= $1 AND id <> ALL ($2) ORDER BY scheduled_at LIMIT 1) AS due
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly FailingGuides _failing = new(time);

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
            while (await IsAnyDueAsync(cancellationToken) && await PublishOneAsync(cancellationToken))
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
        look.Parameters.Add(new() { Value = _failing.Now() });
        return await look.ExecuteScalarAsync(cancellationToken) is true;
    }

    // False where none is left that another instance does not have.
    private async Task<bool> PublishOneAsync(CancellationToken cancellationToken)
    {
        LockedGuide? due = null;
        try
        {
            var isDone = await log.WriteAsync(
                async (transaction, token) =>
                {
                    due = await LockedGuide.FindDueAsync(transaction, time.UtcNowInMicroseconds(), _failing.Now(), token);
                    if (due is null)
                    {
                        return false;
                    }
                    await publisher.PublishScheduledAsync(transaction, due, token);
                    return true;
                },
                static done => done,
                cancellationToken
            );
            if (due is not null)
            {
                _failing.Remove(due.Id);
            }
            return isDone;
        }
        catch (Exception e) when (due is not null && Failure.IsItsOwn(e))
        {
            SetAside(e, due.Key.Slug, due.Key.Locale, _failing.Add(due.Id));
            return true;
        }
    }

    [LoggerMessage(120, LogLevel.Warning, "What is scheduled could not be looked at or published")]
    private partial void NotPublished(Exception exception);

    [LoggerMessage(121, LogLevel.Warning, "The guide '{Slug}' ({Locale}) could not be published when it was due, next try in {Pause}")]
    private partial void SetAside(Exception exception, string slug, string locale, TimeSpan pause);
}
