using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults;
using Npgsql;

namespace BackendGuide.ContentService;

/// <summary>What the public has no longer: its version from now on, when that came to be, and what it was called.</summary>
internal readonly record struct Withdrawn(long Version, DateTime At, string Name);

/// <summary>Takes things from the public: the change of the row and its event in one transaction.</summary>
internal static class Withdrawal
{
    /// <summary>Withdraws a thing.</summary>
    /// <param name="transaction">Has the row locked.</param>
    /// <param name="sql">
    /// Changes the row with the id <c>$1</c> at the time <c>$2</c>, and returns what a <see cref="Withdrawn"/> has; nothing where the public did not have it.
    /// </param>
    /// <param name="id">The row's.</param>
    /// <param name="now">UTC.</param>
    /// <param name="toEvent">What is to be said of it.</param>
    /// <param name="cancellationToken">The request's.</param>
    /// <returns>The place of the event in the log; null where there is none.</returns>
    public static async Task<long?> RunAsync(
        NpgsqlTransaction transaction,
        string sql,
        Guid id,
        DateTime now,
        Func<Withdrawn, Task<PendingEvent>> toEvent,
        CancellationToken cancellationToken
    )
    {
        return await ChangeAsync(transaction, sql, id, now, cancellationToken) is { } withdrawn
            ? await EventLog.AppendAsync(transaction, await toEvent(withdrawn), withdrawn.At, cancellationToken)
            : null;
    }

    private static async Task<Withdrawn?> ChangeAsync(
        NpgsqlTransaction transaction,
        string sql,
        Guid id,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        await using var change = transaction.Command(sql, id, now);
        await using var row = await change.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? new Withdrawn(row.GetInt64(0), row.GetDateTime(1), row.GetString(2)) : null;
    }
}
