using BackendGuide.Contracts;
using Npgsql;

namespace BackendGuide.Eventing.Consuming;

/// <summary>Writes one row of a copy. An event counts only where it is newer than what is there, so that duplicates and disorder do nothing, for ever.</summary>
internal static class ProjectionWriter
{
    /// <summary>
    /// Another epoch counts whatever its version: that it is the source's present one is what the consumer's progress checks in the same
    /// transaction.
    /// </summary>
    public static async Task ApplyAsync(
        NpgsqlTransaction transaction,
        Projection projection,
        CloudEvent envelope,
        ProjectedRow row,
        CancellationToken cancellationToken
    )
    {
        var count = projection.Key.Count + 4 + projection.Data.Count;
        var sql = $"""
            INSERT INTO {projection.Table} AS c({projection.Columns})
            VALUES ({string.Join(", ", Enumerable.Range(1, count).Select(n => $"${n}"))})
            ON CONFLICT ({projection.KeyColumns}) DO UPDATE SET {projection.Assignments}
            WHERE c.source_epoch <> excluded.source_epoch OR c.version < excluded.version
            """;
        await using var apply = new NpgsqlCommand(sql, transaction.Connection, transaction);
        foreach (var key in row.Key)
        {
            apply.Parameters.Add(new() { Value = key });
        }
        apply.Parameters.Add(new() { Value = envelope.Epoch });
        apply.Parameters.Add(new() { Value = EventHandlers.PositionOf(envelope) });
        apply.Parameters.Add(new() { Value = row.Version });
        apply.Parameters.Add(new() { Value = row.Deleted });
        for (var i = 0; i < projection.Data.Count; i++)
        {
            apply.Parameters.Add(new() { Value = row.Data[i], NpgsqlDbType = projection.Data[i].Type });
        }
        await apply.ExecuteNonQueryAsync(cancellationToken);
    }
}
