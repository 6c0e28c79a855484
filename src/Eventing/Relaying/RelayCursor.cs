using Npgsql;

namespace BackendGuide.Eventing.Relaying;

/// <summary>How far the feed has been published and confirmed: one row, moved by compare-and-set.</summary>
internal sealed class RelayCursor(NpgsqlDataSource database)
{
    private const string Name = "rabbitmq";

    private const string CreateSql = """
        INSERT INTO relay_cursor(name, epoch, pos) SELECT $1, epoch, floor_pos FROM feed_meta ON CONFLICT (name) DO NOTHING
        """;

    // Another epoch is another history: everything in it is published again, and the consumers' guards sort it out.
    private const string ReadSql = """
        UPDATE relay_cursor c SET epoch = m.epoch, pos = CASE WHEN c.epoch = m.epoch THEN greatest(c.pos, m.floor_pos) ELSE m.floor_pos END
        FROM feed_meta m WHERE c.name = $1 RETURNING c.epoch, c.pos
        """;

    private const string MoveSql = """
        UPDATE relay_cursor SET pos = $4, updated_at = clock_timestamp()
        WHERE name = $1 AND epoch = $2 AND pos = $3 AND EXISTS (SELECT FROM feed_meta WHERE epoch = $2)
        """;

    // A parked position counts as passed. Fenced as the cursor is: what it has passed, another relay has published.
    private const string ParkSql = """
        INSERT INTO outbox_parked(pos, reason, attempts)
        SELECT $3, $4, $5 FROM relay_cursor WHERE name = $1 AND epoch = $2 AND pos < $3
        ON CONFLICT (pos) DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts, redrive = false
        """;

    // Not an insert: what another relay has published meanwhile is parked no longer.
    private const string RefuseSql = "UPDATE outbox_parked SET reason = $2, attempts = 1, redrive = false WHERE pos = $1";

    private const string UnparkSql = "DELETE FROM outbox_parked WHERE pos = $1";

    /// <summary>The epoch, and the position up to which everything is confirmed or parked.</summary>
    public async Task<(Guid Epoch, long Position)> ReadAsync(CancellationToken cancellationToken)
    {
        await using var create = database.CreateCommand(CreateSql);
        create.Parameters.Add(new() { Value = Name });
        await create.ExecuteNonQueryAsync(cancellationToken);
        await using var read = database.CreateCommand(ReadSql);
        read.Parameters.Add(new() { Value = Name });
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetGuid(0), row.GetInt64(1));
    }

    /// <summary>True while the feed is of this epoch: another one is another history, whose publishing begins anew.</summary>
    public async Task<bool> IsPresentAsync(Guid epoch, CancellationToken cancellationToken)
    {
        await using var look = database.CreateCommand("SELECT EXISTS (SELECT FROM feed_meta WHERE epoch = $1)");
        look.Parameters.Add(new() { Value = epoch });
        return await look.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>False where the cursor is no longer at <paramref name="from"/>: another relay has taken over.</summary>
    public Task<bool> MoveAsync(Guid epoch, long from, long to, CancellationToken cancellationToken) =>
        ExecuteAsync(MoveSql, cancellationToken, Name, epoch, from, to);

    /// <summary>Sets an event aside that cannot be published. False where the cursor is past it: another relay has taken over.</summary>
    public Task<bool> ParkAsync(Guid epoch, long position, string reason, int attempts, CancellationToken cancellationToken) =>
        ExecuteAsync(ParkSql, cancellationToken, Name, epoch, position, reason, attempts);

    /// <summary>A parked event was to be published after all, and cannot be.</summary>
    public Task RefuseAsync(long position, string reason, CancellationToken cancellationToken) =>
        ExecuteAsync(RefuseSql, cancellationToken, position, reason);

    /// <summary>A parked event is published after all.</summary>
    public Task UnparkAsync(long position, CancellationToken cancellationToken) => ExecuteAsync(UnparkSql, cancellationToken, position);

    private async Task<bool> ExecuteAsync(string sql, CancellationToken cancellationToken, params IReadOnlyList<object> values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
