using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using Npgsql;

namespace BackendGuide.Eventing.Log;

/// <summary>One place in the feed: an event and what it is chained by.</summary>
/// <param name="Position">Dense from 1.</param>
/// <param name="AggregateId">Whose events keep their order.</param>
/// <param name="Event">Null where the row cannot be read as an event.</param>
/// <param name="Fault">Why not, or why the relay has parked it; null where all is well.</param>
internal sealed record FeedEntry(long Position, Guid AggregateId, CloudEvent? Event, string? Fault)
{
    /// <summary>True where the relay has given this event up for now.</summary>
    public bool IsParked { get; init; }

    /// <summary>What answers of this service are evicted by it.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [Eviction.Everything];
}

/// <summary>Where the feed is.</summary>
/// <param name="Epoch">Marks a restore: positions compare only within one.</param>
/// <param name="Floor">The position up to which events are no longer kept.</param>
/// <param name="Head">The newest position; the floor where there is none.</param>
internal sealed record FeedEnds(Guid Epoch, long Floor, long Head);

/// <summary>A source's committed events in commit order, dense from 1.</summary>
internal sealed class Feed(NpgsqlDataSource database, string source)
{
    // Each event is looked up by itself, and what there is one of stands beside it: PostgreSQL plans this anew for each position, and to plan
    // one join of all of them took longer than to read them.
    private const string Columns = """
        SELECT f.pos, e.aggregate_id, e.event_id, e.event_type, e.aggregate_version, e.payload, e.headers, e.occurred_at,
          (SELECT epoch FROM feed_meta), (SELECT reason FROM outbox_parked p WHERE p.pos = f.pos)
        FROM feed f CROSS JOIN LATERAL (SELECT * FROM event_log l WHERE l.seq = f.seq OFFSET 0) e
        """;

    /// <summary>What the relay reads with: after a position, at most so many.</summary>
    public const string ReadSql = Columns + " WHERE f.pos > $1 ORDER BY f.pos LIMIT $2";

    private const string RedriveSql =
        Columns + " WHERE f.pos > $1 AND f.pos IN (SELECT pos FROM outbox_parked WHERE redrive) ORDER BY f.pos LIMIT $2";

    private const string HasMoreSql = "SELECT coalesce(max(pos) > $1, false) FROM feed";

    private const string EndsSql = """
        SELECT epoch, floor_pos, greatest(floor_pos, coalesce((SELECT max(pos) FROM feed), 0)) FROM feed_meta
        """;

    /// <summary>What the events of this feed name as their source.</summary>
    public string Source => source;

    /// <summary>The events after a position, oldest first; none where the position is the newest.</summary>
    public Task<IReadOnlyList<FeedEntry>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(ReadSql, after, limit, cancellationToken);

    /// <summary>True where there are events after a position: a fraction of what it costs to read that there are none.</summary>
    public async Task<bool> HasMoreAsync(long after, CancellationToken cancellationToken)
    {
        await using var ask = database.CreateCommand(HasMoreSql);
        ask.Parameters.Add(new() { Value = after });
        return await ask.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>The parked events that an operator wants to be published after all.</summary>
    public Task<IReadOnlyList<FeedEntry>> ReadRedrivenAsync(int limit, CancellationToken cancellationToken) =>
        ReadAsync(RedriveSql, 0, limit, cancellationToken);

    /// <summary>Where the feed begins and ends.</summary>
    public async Task<FeedEnds> ReadEndsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(EndsSql);
        return await ReadEndsAsync(command, cancellationToken);
    }

    /// <summary>Where the feed begins and ends for a transaction.</summary>
    public static async Task<FeedEnds> ReadEndsAsync(NpgsqlTransaction snapshot, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(EndsSql, snapshot.Connection, snapshot);
        return await ReadEndsAsync(command, cancellationToken);
    }

    private static async Task<FeedEnds> ReadEndsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new FeedEnds(row.GetGuid(0), row.GetInt64(1), row.GetInt64(2));
    }

    private async Task<IReadOnlyList<FeedEntry>> ReadAsync(string sql, long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
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
        var parked = row.IsDBNull(9) ? null : row.GetString(9);
        try
        {
            var headers = ReadHeaders(row);
            return new FeedEntry(position, row.GetGuid(1), ToEvent(row, position, headers), parked)
            {
                IsParked = parked is not null,
                Tags = headers.Tags ?? [Eviction.Everything],
            };
        }
        catch (JsonException e)
        {
            // One row that nobody can read must not keep the others from being read.
            return new FeedEntry(position, row.GetGuid(1), null, parked ?? $"The row cannot be read: {e.Message}")
            {
                IsParked = parked is not null,
            };
        }
    }

    private static EventHeaders ReadHeaders(NpgsqlDataReader row) =>
        JsonSerializer.Deserialize<EventHeaders>(row.GetString(6), EventJson.Options) is { Subject.Length: > 0 } headers
            ? headers
            : throw new JsonException("its headers lack a subject");

    private CloudEvent ToEvent(NpgsqlDataReader row, long position, EventHeaders headers) =>
        new(
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
}
