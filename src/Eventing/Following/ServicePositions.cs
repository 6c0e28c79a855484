using BackendGuide.Eventing.Log;
using Npgsql;

namespace BackendGuide.Eventing.Following;

/// <summary>
/// Where a service is in its own feed and in the one that it keeps a copy of: what a snapshot of its database contains. What was set aside
/// counts as there, unlike for an <c>After-Change</c>: an answer without it is the right one until it is applied.
/// </summary>
internal sealed class ServicePositions(Feed feed, Consuming.EventApplier applier, ConsumerName consumer)
{
    private const string Sql = """
        SELECT m.epoch, greatest(m.floor_pos, coalesce((SELECT max(pos) FROM feed), 0)), p.epoch, p.contiguous_pos, greatest(p.contiguous_pos, p.max_seen)
        FROM feed_meta m LEFT JOIN source_progress p ON p.consumer = $1 AND p.source = $2
        """;

    /// <summary>Where a transaction is, and up to where it has some of what came behind a hole: an event that was applied before its turn.</summary>
    public async Task<(ChangeCursor Reached, ChangeCursor Seen)> ReadAsync(NpgsqlTransaction snapshot, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand(Sql, snapshot.Connection, snapshot);
        return await ReadAsync(ask, cancellationToken);
    }

    /// <summary>Where the database is now.</summary>
    public async Task<ChangeCursor> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var ask = database.CreateCommand(Sql);
        return (await ReadAsync(ask, cancellationToken)).Reached;
    }

    /// <summary>The question alone, to be sent with others.</summary>
    public NpgsqlBatchCommand Ask() =>
        new(Sql)
        {
            Parameters =
            {
                new() { Value = consumer.Value },
                new() { Value = applier.Source },
            },
        };

    private async Task<(ChangeCursor Reached, ChangeCursor Seen)> ReadAsync(NpgsqlCommand ask, CancellationToken cancellationToken)
    {
        ask.Parameters.Add(new() { Value = consumer.Value });
        ask.Parameters.Add(new() { Value = applier.Source });
        await using var row = await ask.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(row, cancellationToken);
    }

    /// <summary>What <see cref="Ask"/> asked for.</summary>
    public async Task<(ChangeCursor Reached, ChangeCursor Seen)> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        await row.ReadAsync(cancellationToken);
        var own = new FeedPosition(row.GetGuid(0), row.GetInt64(1));
        // Before the first event there is no epoch to follow yet.
        var copied = row.IsDBNull(2) ? default : new FeedPosition(row.GetGuid(2), row.GetInt64(3));
        var seen = row.IsDBNull(2) ? copied : copied with { Position = row.GetInt64(4) };
        var there = ChangeCursor.Start.With(feed.Source, own);
        return (there.With(applier.Source, copied), there.With(applier.Source, seen));
    }
}
