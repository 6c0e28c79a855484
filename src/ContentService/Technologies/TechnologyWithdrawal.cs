using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using Npgsql;

namespace BackendGuide.ContentService.Technologies;

/// <summary>Takes technologies from the public. The row stays, so that a later one of the same name goes on with its versions.</summary>
internal sealed class TechnologyWithdrawal(TimeProvider time)
{
    private const string WithdrawSql = """
        UPDATE technology SET withdrawn_at = $2, version = version + 1, updated_at = greatest($2, updated_at + interval '1 microsecond')
        WHERE id = $1 RETURNING version, updated_at
        """;

    /// <returns>The place of the event in the log; null where it was withdrawn already.</returns>
    public async Task<long?> WithdrawAsync(
        NpgsqlTransaction transaction,
        string slug,
        LockedTechnology technology,
        CancellationToken cancellationToken
    )
    {
        if (technology.IsWithdrawn)
        {
            return null;
        }
        await using var withdraw = new NpgsqlCommand(WithdrawSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = technology.Id },
                new() { Value = time.UtcNowInMicroseconds() },
            },
        };
        await using var row = await withdraw.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (version, at) = (row.GetInt64(0), row.GetDateTime(1));
        await row.DisposeAsync();
        var data = new TechnologyWithdrawn(slug, version, technology.Name, at);
        var withdrawn = new PendingEvent(
            "technology",
            technology.Id,
            version,
            EventTypes.TechnologyWithdrawn,
            TechnologyWriter.Subject(slug),
            data,
            Deleted: true
        )
        {
            Tags = ContentTags.ChangedByTechnology(slug),
        };
        return await EventLog.AppendAsync(transaction, withdrawn, at, cancellationToken);
    }
}
