using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.ContentService.Careers;

/// <summary>
/// This service's own copy of the careers. An event counts only where it is newer than what is there (or of another epoch of the
/// source), so that duplicates and disorder do nothing, for ever.
/// </summary>
internal static class CareerCopy
{
    private const string ApplySql = """
        INSERT INTO career_copy AS c(slug, source_epoch, version, deleted, data) VALUES ($1, $2, $3, false, $4)
        ON CONFLICT (slug) DO UPDATE SET source_epoch = excluded.source_epoch, version = excluded.version, deleted = false, data = excluded.data
        WHERE c.source_epoch <> excluded.source_epoch OR c.version < excluded.version
        """;

    public static async Task ApplyAsync(
        NpgsqlTransaction transaction,
        CloudEvent envelope,
        CareerPublished career,
        CancellationToken cancellationToken
    )
    {
        await using var apply = new NpgsqlCommand(ApplySql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = career.Slug },
                new() { Value = envelope.Epoch },
                new() { Value = career.Version },
                new() { Value = JsonSerializer.Serialize(career, EventJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb },
            },
        };
        await apply.ExecuteNonQueryAsync(cancellationToken);
    }
}
