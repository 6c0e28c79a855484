using System.Text.Json;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.Eventing.Following;

/// <summary>Where in the feed a committed write came to be, and what answers it evicts; of one that changed nothing public, how far the feed is.</summary>
internal static class FeedPlace
{
    private const string Sql = """
        SELECT epoch, coalesce((SELECT pos FROM feed WHERE seq = $1), greatest(floor_pos, (SELECT max(pos) FROM feed))),
          (SELECT headers->'tags' FROM event_log WHERE seq = $1)
        FROM feed_meta
        """;

    /// <summary>Asks for the place of the write.</summary>
    /// <param name="sequence">The place in the event log of its last event; null where it made none.</param>
    public static NpgsqlBatchCommand Ask(long? sequence) =>
        new(Sql)
        {
            Parameters =
            {
                new() { Value = (object?)sequence ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint },
            },
        };

    /// <summary>Reads what <see cref="Ask"/> asked for.</summary>
    public static async Task<WrittenPlace> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        await row.ReadAsync(cancellationToken);
        var tags = row.IsDBNull(2) ? null : JsonSerializer.Deserialize<string[]>(row.GetString(2));
        return new WrittenPlace(row.GetGuid(0), row.GetInt64(1), tags);
    }
}
