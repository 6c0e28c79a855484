using BackendGuide.FaultTests.Checking;
using Npgsql;

namespace BackendGuide.FaultTests.Rig;

/// <summary>Where a run begins: what was there before is not its own.</summary>
internal readonly record struct SourceMark(long Position, long Effect);

/// <summary>One source as its own database and the copier's have it.</summary>
/// <param name="source"><c>/content</c> or <c>/career</c>.</param>
/// <param name="own">The database that has the source's tables and its feed.</param>
/// <param name="copier">The database of the service that keeps a copy.</param>
/// <param name="copyTable">The copy.</param>
/// <param name="rowsSql">Subject, version and state of each public resource, from the source's tables.</param>
/// <param name="copySql">The same from the copy.</param>
internal sealed class SourceDatabases(
    string source,
    NpgsqlDataSource own,
    NpgsqlDataSource copier,
    string copyTable,
    string rowsSql,
    string copySql
)
{
    private const string HeadSql = "SELECT greatest((SELECT coalesce(max(pos), 0) FROM feed), (SELECT floor_pos FROM feed_meta))";

    private const string EventsSql = """
        SELECT e.event_id, f.pos, e.headers->>'subject', e.aggregate_version, coalesce(e.payload->>'summary', '')
        FROM feed f JOIN event_log e USING (seq) WHERE f.pos > $1 ORDER BY f.pos
        """;

    private const string UnpositionedSql = "SELECT count(*) FROM event_log e WHERE NOT EXISTS (SELECT FROM feed f WHERE f.seq = e.seq)";

    private const string ContiguousSql = "SELECT coalesce(min(contiguous_pos), 0) FROM source_progress WHERE source = $1";

    private const string RelayedSql = "SELECT coalesce(max(pos), 0) FROM relay_cursor";

    public string Source => source;

    public Task InstallEffectLogAsync(CancellationToken cancellationToken) => EffectLog.InstallAsync(copier, copyTable, cancellationToken);

    public async Task<SourceMark> MarkAsync(CancellationToken cancellationToken) =>
        new(
            await ReadHeadAsync(cancellationToken),
            await copier.ScalarAsync<long>("SELECT coalesce(max(id), 0) FROM fault_test.effect", cancellationToken)
        );

    public Task<long> ReadHeadAsync(CancellationToken cancellationToken) => own.ScalarAsync<long>(HeadSql, cancellationToken);

    /// <summary>How far the feed has been published and confirmed.</summary>
    public Task<long> ReadRelayedAsync(CancellationToken cancellationToken) => own.ScalarAsync<long>(RelayedSql, cancellationToken);

    /// <summary>The events that the relay and the copier have set aside.</summary>
    public async Task<IReadOnlyList<SetAside>> ReadSetAsideAsync(CancellationToken cancellationToken) =>
        [
            new($"outbox_parked of {source}", await own.ScalarAsync<long>("SELECT count(*) FROM outbox_parked", cancellationToken)),
            new(
                $"parked_event for {source}",
                await copier.ScalarAsync<long>("SELECT count(*) FROM parked_event WHERE source = $1", cancellationToken, source)
            ),
        ];

    /// <summary>How far the copier has taken the feed without a gap.</summary>
    public Task<long> ReadContiguousAsync(CancellationToken cancellationToken) =>
        copier.ScalarAsync<long>(ContiguousSql, cancellationToken, source);

    public Task<IReadOnlyList<Effect>> ReadEffectsAsync(SourceMark from, CancellationToken cancellationToken) =>
        EffectLog.ReadAsync(copier, from.Effect, cancellationToken);

    public async Task<SourceRecords> ReadAsync(SourceMark from, CancellationToken cancellationToken) =>
        new(
            source,
            Epoch: await own.ScalarAsync<Guid>("SELECT epoch FROM feed_meta", cancellationToken),
            Floor: await own.ScalarAsync<long>("SELECT floor_pos FROM feed_meta", cancellationToken),
            Positions: await own.ListAsync("SELECT pos FROM feed ORDER BY pos", row => row.GetInt64(0), cancellationToken),
            Unpositioned: await own.ScalarAsync<long>(UnpositionedSql, cancellationToken),
            Events: await own.ListAsync(EventsSql, ToEvent, cancellationToken, from.Position),
            Contiguous: await ReadContiguousAsync(cancellationToken),
            Effects: await ReadEffectsAsync(from, cancellationToken),
            Rows: await own.ListAsync(rowsSql, ToState, cancellationToken),
            Copy: await copier.ListAsync(copySql, ToState, cancellationToken)
        );

    private static LoggedEvent ToEvent(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetInt64(1), row.GetString(2), row.GetInt64(3), row.GetString(4));

    private static StateRow ToState(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetString(2));
}
