using System.Globalization;
using BackendGuide.ServiceDefaults;
using Npgsql;

namespace BackendGuide.ContentService.Technologies;

/// <summary>The row of a technology, which is this transaction's own until it ends: what writes decide by.</summary>
internal sealed record LockedTechnology(Guid Id, long Version, DateTime UpdatedAt, bool IsWithdrawn, TechnologyBody Body)
{
    private const string Sql = """
        SELECT id, version, updated_at, withdrawn_at IS NOT NULL, name, category, summary, website FROM technology WHERE slug = $1 FOR UPDATE
        """;

    /// <summary>What tags of the technology begin with; none where it is withdrawn, for then there is nothing that could have one.</summary>
    public string[] Tags => IsWithdrawn ? [] : [Version.ToString(CultureInfo.InvariantCulture)];

    /// <summary>The technology; null where there is none.</summary>
    public static async Task<LockedTechnology?> FindAsync(NpgsqlTransaction transaction, string slug, CancellationToken cancellationToken)
    {
        await using var command = transaction.Command(Sql, slug);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new LockedTechnology(
                row.GetGuid(0),
                row.GetInt64(1),
                row.GetDateTime(2),
                row.GetBoolean(3),
                new TechnologyBody(row.GetString(4), row.GetString(5), row.GetString(6), row.IsDBNull(7) ? null : row.GetString(7))
            )
            : null;
    }
}
