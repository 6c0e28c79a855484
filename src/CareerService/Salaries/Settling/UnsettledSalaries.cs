using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using Npgsql;

namespace BackendGuide.CareerService.Salaries.Settling;

/// <summary>
/// Settles what uploads left that were cut, or whose instance was: it is public within two seconds of its commit. Every instance looks four times a
/// second; salaries that somebody has locked are left to who has them.
/// </summary>
internal sealed partial class UnsettledSalaries(
    NpgsqlDataSource database,
    EventLog log,
    TimeProvider time,
    ILogger<UnsettledSalaries> logger
) : BackgroundService
{
    // An upload that goes on settles for itself, once in an interval.
    private const string DueSql = """
        SELECT s.career_id FROM career_salaries s JOIN career c ON c.id = s.career_id
        WHERE s.unsettled_since <= $1 AND coalesce(s.settled_at <= $1, true) AND c.withdrawn_at IS NULL ORDER BY s.unsettled_since
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        try
        {
            do
            {
                await SettleDueAsync(stoppingToken);
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task SettleDueAsync(CancellationToken cancellationToken)
    {
        foreach (var careerId in await TryAsync(() => FindDueAsync(cancellationToken)) ?? [])
        {
            // Each by itself: one that cannot be settled keeps no other waiting.
            await TryAsync(() =>
                log.WriteAsync(
                    (transaction, token) => SettleAsync(transaction, careerId, token),
                    static isSettled => isSettled,
                    cancellationToken
                )
            );
        }
    }

    private async Task<T?> TryAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (NpgsqlException e)
        {
            NotSettled(e); // the database is away, or busy: it is tried again in a moment
            return default;
        }
    }

    private async Task<List<Guid>> FindDueAsync(CancellationToken cancellationToken)
    {
        await using var find = database.CreateCommand(DueSql);
        find.Parameters.Add(new() { Value = time.UtcNowInMicroseconds() - Settlement.Interval });
        List<Guid> due = [];
        await using var row = await find.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            due.Add(row.GetGuid(0));
        }
        return due;
    }

    // An upload may have told of them since they were found: what has come after that is not due yet.
    private async Task<bool> SettleAsync(NpgsqlTransaction transaction, Guid careerId, CancellationToken cancellationToken) =>
        await LockedSalaries.TryTakeAsync(transaction, careerId, cancellationToken) is { } salaries
        && !(time.UtcNowInMicroseconds() - salaries.SettledAt < Settlement.Interval)
        && await Settlement.SettleAsync(transaction, salaries, () => salaries.Next(time), all: true, cancellationToken) is not null;

    [LoggerMessage(130, LogLevel.Warning, "Observations that are committed could not be settled")]
    private partial void NotSettled(Exception exception);
}
