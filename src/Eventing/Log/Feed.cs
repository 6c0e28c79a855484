using System.Text.Json;
using BackendGuide.Contracts;
using Npgsql;

namespace BackendGuide.Eventing.Log;

/// <summary>One place in the feed: an event and what it is chained by.</summary>
internal sealed record FeedEntry(long Position, Guid AggregateId, CloudEvent Event);

/// <summary>A source's committed events in commit order, dense from 1.</summary>
internal sealed class Feed(NpgsqlDataSource database, string source)
{
    private const string ReadSql = """
        SELECT f.pos, e.aggregate_id, e.event_id, e.event_type, e.aggregate_version, e.payload, e.headers, e.occurred_at, m.epoch
        FROM feed f JOIN event_log e USING (seq) CROSS JOIN feed_meta m
        WHERE f.pos > $1 ORDER BY f.pos LIMIT $2
        """;

    /// <summary>The events after a position, oldest first; none where the position is the newest.</summary>
    public async Task<IReadOnlyList<FeedEntry>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(ReadSql);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<FeedEntry> entries = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(ToEntry(reader));
        }
        return entries;
    }

    private FeedEntry ToEntry(NpgsqlDataReader row)
    {
        var position = row.GetInt64(0);
        var headers = JsonSerializer.Deserialize<EventHeaders>(row.GetString(6), EventJson.Options)!;
        var cloudEvent = new CloudEvent(
            Id: row.GetGuid(2),
            Source: source,
            Type: row.GetString(3),
            Subject: headers.Subject,
            Time: row.GetDateTime(7),
            Sequence: row.GetInt64(4).ToString(null, null),
            Position: position.ToString(null, null),
            Epoch: row.GetGuid(8),
            TraceParent: headers.TraceParent,
            Data: JsonSerializer.Deserialize<JsonElement>(row.GetString(5))
        );
        return new FeedEntry(position, row.GetGuid(1), cloudEvent);
    }
}
