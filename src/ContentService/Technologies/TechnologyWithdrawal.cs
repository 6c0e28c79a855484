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
        WHERE id = $1 AND withdrawn_at IS NULL RETURNING version, updated_at, name
        """;

    /// <returns>The place of the event in the log; null where it was withdrawn already.</returns>
    public Task<long?> WithdrawAsync(
        NpgsqlTransaction transaction,
        string slug,
        LockedTechnology technology,
        CancellationToken cancellationToken
    ) =>
        Withdrawal.RunAsync(
            transaction,
            WithdrawSql,
            technology.Id,
            time.UtcNowInMicroseconds(),
            withdrawn => Task.FromResult(ToEvent(slug, technology.Id, withdrawn)),
            cancellationToken
        );

    private static PendingEvent ToEvent(string slug, Guid id, Withdrawn withdrawn)
    {
        var data = new TechnologyWithdrawn(slug, withdrawn.Version, withdrawn.Name, withdrawn.At);
        var subject = TechnologyWriter.Subject(slug);
        return new PendingEvent("technology", id, withdrawn.Version, EventTypes.TechnologyWithdrawn, subject, data, Deleted: true)
        {
            Tags = ContentTags.ChangedByTechnology(slug),
        };
    }
}
