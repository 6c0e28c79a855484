using System.Globalization;
using Npgsql;

namespace BackendGuide.CareerService.Careers;

/// <summary>The row of a career, which is this transaction's own until it ends: what writes decide by.</summary>
internal sealed record LockedCareer(Guid Id, string Title, long Version, bool IsWithdrawn)
{
    private const string Sql = "SELECT id, state->>'title', version, withdrawn_at IS NOT NULL FROM career WHERE slug = $1 FOR UPDATE";

    /// <summary>What tags of the career begin with; none where it is withdrawn, for then there is nothing that could have one.</summary>
    public string[] Tags => IsWithdrawn ? [] : [Version.ToString(CultureInfo.InvariantCulture)];

    /// <summary>The career; null where there is none.</summary>
    public static async Task<LockedCareer?> FindAsync(NpgsqlTransaction transaction, string slug, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, transaction.Connection, transaction) { Parameters = { new() { Value = slug } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new LockedCareer(row.GetGuid(0), row.GetString(1), row.GetInt64(2), row.GetBoolean(3))
            : null;
    }
}
