using System.Globalization;
using BackendGuide.Eventing;
using Npgsql;

namespace BackendGuide.CareerService.Salaries;

/// <summary>The row of a career's salaries, which is this transaction's own until it ends: whoever writes observations or summaries has it.</summary>
/// <param name="Id">What their rows have.</param>
/// <param name="CareerId">The career.</param>
/// <param name="Slug">Its slug.</param>
/// <param name="IsWithdrawn">True where the career is, or was when it was looked at: nothing is told of it then.</param>
/// <param name="Version">What was last told has this; 0 before the first.</param>
/// <param name="EventSequence">Where that is in the event log.</param>
/// <param name="SettledAt">When that was.</param>
/// <param name="ChangedAt">When anything was last committed.</param>
/// <param name="IsUnsettled">True where anything that is committed was not told yet.</param>
internal sealed record LockedSalaries(
    int Id,
    Guid CareerId,
    string Slug,
    bool IsWithdrawn,
    long Version,
    long? EventSequence,
    DateTime? SettledAt,
    DateTime? ChangedAt,
    bool IsUnsettled
)
{
    private const string MakeSql = """
        INSERT INTO career_salaries(career_id) SELECT $1 WHERE NOT EXISTS (SELECT FROM career_salaries WHERE career_id = $1)
        ON CONFLICT (career_id) DO NOTHING
        """;

    private const string LockSql = """
        SELECT s.id, s.career_id, c.slug, c.withdrawn_at IS NOT NULL, s.version, s.event_seq, s.settled_at, s.changed_at,
          s.unsettled_since IS NOT NULL
        FROM career_salaries s JOIN career c ON c.id = s.career_id WHERE s.career_id = $1 FOR UPDATE OF s
        """;

    /// <summary>What tags of the salaries begin with.</summary>
    public string Tag => Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>The time of this transaction: later than the one before it, whatever the clocks of two instances say.</summary>
    public DateTime Next(TimeProvider time)
    {
        var now = time.UtcNowInMicroseconds();
        return ChangedAt is { } last && now <= last ? last.AddMicroseconds(1) : now;
    }

    /// <summary>Locks the salaries of a career that exists; those of one that has none yet are made.</summary>
    public static async Task<LockedSalaries> TakeAsync(NpgsqlTransaction transaction, Guid careerId, CancellationToken cancellationToken)
    {
        await using var make = new NpgsqlCommand(MakeSql, transaction.Connection, transaction)
        {
            Parameters = { new() { Value = careerId } },
        };
        await make.ExecuteNonQueryAsync(cancellationToken);
        return (await FindAsync(transaction, careerId, LockSql, cancellationToken))!;
    }

    /// <summary>Locks the salaries of a career unless somebody else has them; null then.</summary>
    public static Task<LockedSalaries?> TryTakeAsync(NpgsqlTransaction transaction, Guid careerId, CancellationToken cancellationToken) =>
        FindAsync(transaction, careerId, $"{LockSql} SKIP LOCKED", cancellationToken);

    private static async Task<LockedSalaries?> FindAsync(
        NpgsqlTransaction transaction,
        Guid careerId,
        string sql,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction)
        {
            Parameters = { new() { Value = careerId } },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new LockedSalaries(
                row.GetInt32(0),
                row.GetGuid(1),
                row.GetString(2),
                row.GetBoolean(3),
                row.GetInt64(4),
                row.IsDBNull(5) ? null : row.GetInt64(5),
                row.IsDBNull(6) ? null : row.GetDateTime(6),
                row.IsDBNull(7) ? null : row.GetDateTime(7),
                row.GetBoolean(8)
            )
            : null;
    }
}
