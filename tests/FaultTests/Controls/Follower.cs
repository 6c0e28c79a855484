using BackendGuide.FaultTests.Checking;
using BackendGuide.FaultTests.Rig;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.FaultTests.Controls;

/// <summary>Reads committed events while others write, by a cursor: two that are often recommended, and the feed's.</summary>
internal sealed class Follower(NpgsqlDataSource database, string cursorSql)
{
    private const string Columns = "e.event_id, e.headers->>'subject', e.aggregate_version, coalesce(f.pos, 0), m.epoch";

    /// <summary>What has a greater number than the last: but numbers are given before the commit.</summary>
    public const string BySequence = $"""
        SELECT {Columns}, e.seq, 0::bigint FROM event_log e LEFT JOIN feed f USING (seq) CROSS JOIN feed_meta m
        WHERE e.seq > $1 AND $2 >= 0 ORDER BY e.seq LIMIT 500
        """;

    /// <summary>What is of transactions that all others have outlived, in the order in which they began: which is not that of the commits.</summary>
    public const string ByTransaction = $"""
        SELECT {Columns}, e.xid::text::bigint, e.seq FROM event_log e LEFT JOIN feed f USING (seq) CROSS JOIN feed_meta m
        WHERE (e.xid, e.seq) > ($1::text::xid8, $2) AND e.xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY e.xid, e.seq LIMIT 500
        """;

    /// <summary>What has a greater position: given during the commit, and so in its order.</summary>
    public const string ByPosition = $"""
        SELECT {Columns}, f.pos, 0::bigint FROM event_log e JOIN feed f USING (seq) CROSS JOIN feed_meta m
        WHERE f.pos > $1 AND $2 >= 0 ORDER BY f.pos LIMIT 500
        """;

    // Any transaction that is under way in the whole cluster, another test's too, hides from that cursor what came after its begin.
    private const string NothingHiddenSql = """
        SELECT NOT EXISTS (SELECT FROM event_log WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()))
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly List<Delivery> _deliveries = [];
    private (long, long) _last;

    /// <summary>Reads while they write, and then until nothing new comes.</summary>
    public async Task<IReadOnlyList<Delivery>> FollowAsync(Task writing, CancellationToken cancellationToken)
    {
        while (!writing.IsCompleted)
        {
            await ReadAsync(cancellationToken);
        }
        await Eventually.TrueAsync(
            () => database.ScalarAsync<bool>(NothingHiddenSql, cancellationToken),
            Deadline,
            "the end of all transactions that began before the last write",
            cancellationToken
        );
        while (await ReadAsync(cancellationToken) > 0) { }
        return _deliveries;
    }

    private async Task<int> ReadAsync(CancellationToken cancellationToken)
    {
        var page = await database.ListAsync(cursorSql, Take, cancellationToken, _last.Item1, _last.Item2);
        _deliveries.AddRange(page);
        return page.Count;
    }

    private Delivery Take(NpgsqlDataReader row)
    {
        _last = (row.GetInt64(5), row.GetInt64(6));
        var (id, subject, version) = (row.GetGuid(0), row.GetString(1), row.GetInt64(2));
        return new Delivery(id, ControlDatabase.Source, subject, version, row.GetInt64(3), row.GetGuid(4), Redelivered: false);
    }
}
