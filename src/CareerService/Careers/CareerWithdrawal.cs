using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using Npgsql;

namespace BackendGuide.CareerService.Careers;

/// <summary>
/// Takes careers from the public. The row stays, with all that was ever saved of it: a later career of the same name goes on with its versions and
/// the ids of its steps.
/// </summary>
internal sealed class CareerWithdrawal(TimeProvider time)
{
    private const string WithdrawSql = """
        WITH changed AS (
          UPDATE career SET withdrawn_at = $2, version = version + 1, updated_at = greatest($2, updated_at + interval '1 microsecond')
          WHERE id = $1 RETURNING id, version, updated_at),
        kept AS (
          INSERT INTO career_revision(career_id, version, author, saved_at, state) SELECT id, version, $3, updated_at, NULL FROM changed)
        SELECT version, updated_at FROM changed
        """;

    /// <summary>Withdraws a career.</summary>
    /// <param name="transaction">Has the row locked.</param>
    /// <param name="slug">Which career.</param>
    /// <param name="career">Its row.</param>
    /// <param name="author">Who withdraws it.</param>
    /// <param name="cancellationToken">The request's.</param>
    /// <returns>The place of the event in the log; null where it was withdrawn already.</returns>
    public async Task<long?> WithdrawAsync(
        NpgsqlTransaction transaction,
        string slug,
        LockedCareer career,
        string author,
        CancellationToken cancellationToken
    )
    {
        if (career.IsWithdrawn)
        {
            return null;
        }
        await using var withdraw = new NpgsqlCommand(WithdrawSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = career.Id },
                new() { Value = time.UtcNowInMicroseconds() },
                new() { Value = author },
            },
        };
        await using var row = await withdraw.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (version, at) = (row.GetInt64(0), row.GetDateTime(1));
        await row.DisposeAsync();
        var data = new CareerWithdrawn(slug, version, career.Title, at);
        var subject = CareerWriter.Subject(slug);
        var withdrawn = new PendingEvent("career", career.Id, version, EventTypes.CareerWithdrawn, subject, data, Deleted: true)
        {
            Tags = CareerTags.ChangedByCareer(slug),
        };
        return await EventLog.AppendAsync(transaction, withdrawn, at, cancellationToken);
    }
}
