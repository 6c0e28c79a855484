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
        UPDATE relay_cursor c SET epoch = m.epoch, pos = CASE WHEN c.epoch = m.epoch THEN c.pos ELSE m.floor_pos END
        FROM feed_meta m WHERE c.name = $1 RETURNING c.pos
        """;

    private const string MoveSql = "UPDATE relay_cursor SET pos = $3, updated_at = clock_timestamp() WHERE name = $1 AND pos = $2";

    /// <summary>The position up to which everything is confirmed.</summary>
    public async Task<long> ReadAsync(CancellationToken cancellationToken)
    {
        await using var create = database.CreateCommand(CreateSql);
        create.Parameters.Add(new() { Value = Name });
        await create.ExecuteNonQueryAsync(cancellationToken);
        await using var read = database.CreateCommand(ReadSql);
        read.Parameters.Add(new() { Value = Name });
        return (long)(await read.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>False where the cursor is no longer at <paramref name="from"/>: another relay has taken over.</summary>
    public async Task<bool> MoveAsync(long from, long to, CancellationToken cancellationToken)
    {
        await using var move = database.CreateCommand(MoveSql);
        move.Parameters.Add(new() { Value = Name });
        move.Parameters.Add(new() { Value = from });
        move.Parameters.Add(new() { Value = to });
        return await move.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
