using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.Eventing.Consuming;

/// <summary>How far a consumer is.</summary>
/// <param name="Epoch">The history that its positions belong to.</param>
/// <param name="Contiguous">Everything up to here is applied or parked.</param>
/// <param name="Seen">The highest position that is applied or parked.</param>
/// <param name="Resync">True where the copy is to be made anew from its source's present state.</param>
internal sealed record Progress(Guid Epoch, long Contiguous, long Seen, bool Resync);

/// <summary>Which positions of its source a consumer has taken, holes and all: one row, written in the transaction of each effect.</summary>
internal sealed class ConsumerProgress(string consumer, string source)
{
    // contiguous_pos is the end of the first run, where that begins at the feed's beginning: what is above a hole does not count yet.
    // The condition is the fence between histories: a transaction that belongs to another epoch changes no row here, and must not commit.
    private const string RecordSql = """
        INSERT INTO source_progress AS p(consumer, source, epoch, contiguous_pos, max_seen, seen)
        SELECT $1, $2, $3, CASE WHEN lower(run) <= 1 THEN upper(run) - 1 ELSE 0 END, upper($4) - 1, $4 FROM unnest($4) AS run ORDER BY run LIMIT 1
        ON CONFLICT (consumer, source) DO UPDATE SET (contiguous_pos, max_seen, seen) = (
          SELECT CASE WHEN lower(run) <= 1 THEN upper(run) - 1 ELSE 0 END, upper(p.seen + excluded.seen) - 1, p.seen + excluded.seen
          FROM unnest(p.seen + excluded.seen) AS run ORDER BY run LIMIT 1)
        WHERE p.epoch = excluded.epoch
        """;

    private const string ReadSql = """
        SELECT epoch, contiguous_pos, max_seen, resync FROM source_progress WHERE consumer = $1 AND source = $2
        """;

    private const string MissingSql = """
        SELECT pos FROM unnest($3) AS pos
        WHERE NOT EXISTS (SELECT FROM source_progress WHERE consumer = $1 AND source = $2 AND seen @> pos) ORDER BY pos
        """;

    private const string BeginEpochSql = """
        INSERT INTO source_progress AS p(consumer, source, epoch, contiguous_pos, max_seen) VALUES ($1, $2, $3, 0, 0)
        ON CONFLICT (consumer, source) DO UPDATE SET epoch = excluded.epoch, contiguous_pos = 0, max_seen = 0, seen = '{}', resync = true
        WHERE p.epoch <> excluded.epoch
        """;

    private const string ResyncSql = """
        INSERT INTO source_progress AS p(consumer, source, epoch, contiguous_pos, max_seen, resync) VALUES ($1, $2, $3, 0, 0, true)
        ON CONFLICT (consumer, source) DO UPDATE SET resync = true
        """;

    private const string ResyncedSql = """
        UPDATE source_progress SET resync = false WHERE consumer = $1 AND source = $2 AND epoch = $3
        """;

    // What was set aside of another history, or is in the state that the copy was just made of, is settled.
    private const string SettleSql = """
        DELETE FROM parked_event WHERE consumer = $1 AND source = $2 AND (epoch <> $3 OR pos <= $4 AND event->>'type' = ANY ($5))
        """;

    private const string RewindSql = """
        UPDATE source_progress SET contiguous_pos = 0, max_seen = 0, seen = '{}' WHERE consumer = $1 AND source = $2 AND epoch = $3
        """;

    /// <summary>Records positions of an epoch.</summary>
    /// <returns>False where the consumer follows another epoch: then the transaction must not be committed.</returns>
    public async Task<bool> RecordAsync(
        NpgsqlTransaction transaction,
        Guid epoch,
        NpgsqlRange<long>[] positions,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction) { BatchCommands = { Record(epoch, positions) } };
        return await batch.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>The statement that records positions of an epoch, to be sent with others. Where it changes no row the consumer follows another
    /// epoch, and the transaction must not be committed.</summary>
    public NpgsqlBatchCommand Record(Guid epoch, NpgsqlRange<long>[] positions) =>
        new(RecordSql)
        {
            Parameters =
            {
                new() { Value = consumer },
                new() { Value = source },
                new() { Value = epoch },
                new() { Value = positions, NpgsqlDbType = NpgsqlDbType.BigIntMultirange },
            },
        };

    /// <summary>Null where the consumer has never taken anything.</summary>
    public async Task<Progress?> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var read = database.CreateCommand(ReadSql);
        return await ReadAsync(read, cancellationToken);
    }

    /// <summary>As a transaction sees it.</summary>
    public async Task<Progress?> ReadAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand(ReadSql, transaction.Connection, transaction);
        return await ReadAsync(read, cancellationToken);
    }

    private async Task<Progress?> ReadAsync(NpgsqlCommand read, CancellationToken cancellationToken)
    {
        Fill(read);
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new Progress(row.GetGuid(0), row.GetInt64(1), row.GetInt64(2), row.GetBoolean(3))
            : null;
    }

    /// <summary>Those of the positions that were not taken yet, in their order.</summary>
    public async Task<IReadOnlySet<long>> FindMissingAsync(
        NpgsqlDataSource database,
        IEnumerable<long> positions,
        CancellationToken cancellationToken
    )
    {
        await using var find = database.CreateCommand(MissingSql);
        Fill(find);
        find.Parameters.Add(new() { Value = positions.ToArray() });
        HashSet<long> missing = [];
        await using var row = await find.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            missing.Add(row.GetInt64(0));
        }
        return missing;
    }

    /// <summary>Follows another epoch from now on. Where there was one before, the copy is to be made anew.</summary>
    public async Task BeginEpochAsync(NpgsqlDataSource database, Guid epoch, CancellationToken cancellationToken)
    {
        await using var begin = database.CreateCommand(BeginEpochSql);
        Fill(begin);
        begin.Parameters.Add(new() { Value = epoch });
        await begin.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Asks for the copy to be made anew.</summary>
    /// <param name="database">The consumer's own.</param>
    /// <param name="epoch">The source's present one: used only where the consumer has never taken anything.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async Task RequestResyncAsync(NpgsqlDataSource database, Guid epoch, CancellationToken cancellationToken)
    {
        await using var request = database.CreateCommand(ResyncSql);
        Fill(request);
        request.Parameters.Add(new() { Value = epoch });
        await request.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Forgets every position that was taken: the source has fewer now. The copy's whole state follows in the same transaction.</summary>
    public async Task RewindAsync(NpgsqlTransaction transaction, Guid epoch, CancellationToken cancellationToken)
    {
        await using var rewind = Command(RewindSql, transaction, epoch);
        await rewind.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The copy is as the source was at a position; parked events of the types that it is made of are settled by that.</summary>
    /// <returns>False where the consumer follows another epoch: then the transaction must not be committed.</returns>
    public async Task<bool> FinishResyncAsync(
        NpgsqlTransaction transaction,
        Guid epoch,
        long position,
        IEnumerable<string> types,
        CancellationToken cancellationToken
    )
    {
        await using var settle = Command(SettleSql, transaction, epoch);
        settle.Parameters.Add(new() { Value = position });
        settle.Parameters.Add(new() { Value = types.ToArray() });
        await settle.ExecuteNonQueryAsync(cancellationToken);
        if (position > 0 && !await RecordAsync(transaction, epoch, [new NpgsqlRange<long>(1, position)], cancellationToken))
        {
            return false;
        }
        await using var finish = Command(ResyncedSql, transaction, epoch);
        return await finish.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private NpgsqlCommand Command(string sql, NpgsqlTransaction transaction, Guid epoch)
    {
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        Fill(command);
        command.Parameters.Add(new() { Value = epoch });
        return command;
    }

    private void Fill(NpgsqlCommand command)
    {
        command.Parameters.Add(new() { Value = consumer });
        command.Parameters.Add(new() { Value = source });
    }
}
