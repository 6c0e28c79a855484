using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.Eventing.Consuming;

/// <summary>A row in which a copy differs from its source.</summary>
/// <param name="Id">The row's key.</param>
/// <param name="Source">Version and hash of what the source has; empty where it has no such row.</param>
/// <param name="Copy">Version and hash of what the copy has; empty where it has no such row.</param>
internal sealed record DifferingRow(string Id, string Source, string Copy);

/// <summary>What a comparison found.</summary>
/// <param name="Projection">The consumer's name.</param>
/// <param name="Rows">How many rows the source has for the copy.</param>
/// <param name="Differing">At most 1,000 of them; none where the copy is right.</param>
/// <param name="DifferingTotal">How many there are.</param>
/// <param name="CaughtUp">False where the copy lacked events that the source had: then rows may differ that are only late.</param>
internal sealed record Comparison(string Projection, long Rows, IReadOnlyList<DifferingRow> Differing, long DifferingTotal, bool CaughtUp);

/// <summary>Holds a whole copy against its source's present state: to say where it differs, or to make it so.</summary>
internal sealed class ProjectionCopy(
    string consumer,
    EventHandlers handlers,
    ConsumerProgress progress,
    ISourceFeed source,
    NpgsqlDataSource database
)
{
    private const int MostNamed = 1_000;
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(15);

    private readonly Projection _projection =
        handlers.Projection ?? throw new InvalidOperationException($"{consumer} keeps no copy that its source could be compared with.");

    /// <summary>
    /// Makes the copy what its source is, in one transaction: readers see the old rows, then the new ones. What an event has written
    /// since the state was taken stays.
    /// </summary>
    /// <param name="rewound">True where the source has fewer positions than were taken from it: then what came later counts for nothing.</param>
    /// <param name="cancellationToken">Gives up; the copy stays as it is.</param>
    /// <returns>False where the source's history changed meanwhile: it is to be tried again.</returns>
    public async Task<bool> ResyncAsync(bool rewound, CancellationToken cancellationToken)
    {
        await using var state = await source.OpenStateAsync(cancellationToken);
        await progress.BeginEpochAsync(database, state.Epoch, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await StageAsync(transaction, state, cancellationToken);
        // Events that come now wait for the swap, a moment, and readers do not: rows locked here and there in two orders would be a deadlock.
        await ExecuteAsync(transaction, $"LOCK TABLE {_projection.Table} IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        if (rewound)
        {
            await progress.RewindAsync(transaction, state.Epoch, cancellationToken);
            await ExecuteAsync(transaction, $"UPDATE {_projection.Table} SET source_pos = 0", cancellationToken);
        }
        var same = string.Join(" AND ", _projection.Key.Select(key => $"s.{key} = c.{key}"));
        // A row of another epoch goes whatever its position; one of this epoch only where no event came after the state.
        await ExecuteAsync(
            transaction,
            $"DELETE FROM {_projection.Table} c WHERE (c.source_epoch <> $1 OR c.source_pos <= $2) AND NOT EXISTS (SELECT FROM stage s WHERE {same})",
            cancellationToken,
            state.Epoch,
            state.Position
        );
        await ExecuteAsync(
            transaction,
            $"""
            INSERT INTO {_projection.Table} AS c({_projection.Columns}) SELECT {_projection.Columns} FROM stage
            ON CONFLICT ({_projection.KeyColumns}) DO UPDATE SET {_projection.Assignments}
            WHERE c.source_epoch <> excluded.source_epoch OR c.source_pos <= excluded.source_pos
            """,
            cancellationToken
        );
        if (!await progress.FinishResyncAsync(transaction, state.Epoch, state.Position, handlers.RowTypes, cancellationToken))
        {
            return false;
        }
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Compares row by row, once the copy has everything up to the state's position, or after 15 s as it is.</summary>
    public async Task<Comparison> CompareAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        await using var state = await source.OpenStateAsync(cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await StageAsync(transaction, state, cancellationToken);
        var caughtUp = await WaitForAsync(state, time, cancellationToken);
        return await FindDifferencesAsync(transaction, state, caughtUp, cancellationToken);
    }

    private async Task<bool> WaitForAsync(ISourceState state, TimeProvider time, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        while (time.GetElapsedTime(since) < CatchUp)
        {
            if (
                await progress.ReadAsync(database, cancellationToken) is { } now
                && now.Epoch == state.Epoch
                && now.Contiguous >= state.Position
            )
            {
                return true;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }
        return false;
    }

    private async Task<Comparison> FindDifferencesAsync(
        NpgsqlTransaction transaction,
        ISourceState state,
        bool caughtUp,
        CancellationToken cancellationToken
    )
    {
        var id = string.Join(" || '/' || ", _projection.Key.Select(key => $"coalesce(s.{key}, c.{key})"));
        var same = string.Join(" AND ", _projection.Key.Select(key => $"s.{key} = c.{key}"));
        var (sources, copies) = (_projection.Fingerprint("s"), _projection.Fingerprint("c"));
        // What an event has written after the state was taken cannot be judged by that state.
        var sql = $"""
            SELECT {id},
              CASE WHEN s.version IS NULL THEN '' ELSE s.version || ' ' || {sources} END,
              CASE WHEN c.version IS NULL THEN '' ELSE c.version || ' ' || {copies} END,
              count(*) OVER ()
            FROM stage s FULL JOIN {_projection.Table} c ON {same}
            WHERE {sources} IS DISTINCT FROM {copies} AND NOT coalesce(c.source_epoch = $1 AND c.source_pos > $2, false)
            ORDER BY 1 LIMIT {MostNamed}
            """;
        await using var compare = Command(transaction, sql, state.Epoch, state.Position);
        List<DifferingRow> differing = [];
        var total = 0L;
        await using (var row = await compare.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                differing.Add(new DifferingRow(row.GetString(0), row.GetString(1), row.GetString(2)));
                total = row.GetInt64(3);
            }
        }
        await using var count = Command(transaction, "SELECT count(*) FROM stage");
        return new Comparison(consumer, (long)(await count.ExecuteScalarAsync(cancellationToken))!, differing, total, caughtUp);
    }

    /// <summary>The state as rows of the copy, in a table of this transaction alone: however large it is, it needs no memory here.</summary>
    private async Task StageAsync(NpgsqlTransaction transaction, ISourceState state, CancellationToken cancellationToken)
    {
        // As long as the source's state takes; and the copy's rows are waited for, however long the events before take.
        await ExecuteAsync(transaction, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0", cancellationToken);
        await ExecuteAsync(
            transaction,
            $"CREATE TEMP TABLE stage (LIKE {_projection.Table} INCLUDING DEFAULTS, PRIMARY KEY ({_projection.KeyColumns})) ON COMMIT DROP",
            cancellationToken
        );
        await using var copy = await transaction.Connection!.BeginBinaryImportAsync(
            $"COPY stage({_projection.Columns}) FROM STDIN (FORMAT BINARY)",
            cancellationToken
        );
        await foreach (var cloudEvent in state.ReadAsync(cancellationToken))
        {
            if (handlers.RowOf(cloudEvent) is { } row)
            {
                await WriteAsync(copy, row, state, cancellationToken);
            }
        }
        await copy.CompleteAsync(cancellationToken);
    }

    private async Task WriteAsync(NpgsqlBinaryImporter copy, ProjectedRow row, ISourceState state, CancellationToken cancellationToken)
    {
        await copy.StartRowAsync(cancellationToken);
        foreach (var key in row.Key)
        {
            await copy.WriteAsync(key, NpgsqlDbType.Text, cancellationToken);
        }
        await copy.WriteAsync(state.Epoch, NpgsqlDbType.Uuid, cancellationToken);
        await copy.WriteAsync(state.Position, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(row.Version, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(row.Deleted, NpgsqlDbType.Boolean, cancellationToken);
        for (var i = 0; i < row.Data.Count; i++)
        {
            await copy.WriteAsync(row.Data[i], _projection.Data[i].Type, cancellationToken);
        }
    }

    private static async Task ExecuteAsync(
        NpgsqlTransaction transaction,
        string sql,
        CancellationToken cancellationToken,
        params IReadOnlyList<object> values
    )
    {
        await using var command = Command(transaction, sql, values);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, params IReadOnlyList<object> values)
    {
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction) { CommandTimeout = 300 };
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
