using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>What became of a chunk.</summary>
/// <param name="Accepted">New ones.</param>
/// <param name="Duplicate">Known with the same content.</param>
/// <param name="Corrected">Known with other content.</param>
/// <param name="Refused">Those that the career has no room for.</param>
internal sealed record MergedChunk(long Accepted, long Duplicate, long Corrected, IReadOnlyList<RejectedRow> Refused)
{
    public bool IsChange => Accepted + Corrected > 0;
}

/// <summary>Merges the rows of a chunk into what is known, in their order, and takes note of the groups that they touch.</summary>
internal static class ObservationMerge
{
    // What is sorted here is a chunk, and fits; to compile the statement would take longer than to run it.
    private const string StageSql = """
        SET LOCAL work_mem = '32MB';
        SET LOCAL jit = off;
        CREATE TEMP TABLE sent(turn int NOT NULL, id text COLLATE "C" NOT NULL, group_id int NOT NULL, amount bigint NOT NULL, source_id int NOT NULL,
          as_of date) ON COMMIT DROP
        """;

    private const int SecondsToMerge = 60; // half a one, on a machine that has nothing else to do

    private const string CopySql = "COPY sent(turn, id, group_id, amount, source_id, as_of) FROM STDIN (FORMAT BINARY)";

    // Each row is held against what was said before it: by an earlier row of the chunk with the same id, else by what is kept. What is kept is looked
    // up row by row (LIMIT): for a chunk the planner would else read all of it, for ten million rows each time. Nobody else writes what is of
    // these salaries, so what was not there then is added without asking again.
    private const string MergeSql = """
        WITH said AS (
          SELECT *, row_number() OVER turns = 1 AS is_first, lead(turn) OVER turns IS NULL AS is_last,
            lag(group_id) OVER turns AS old_group, lag(amount) OVER turns AS old_amount,
            lag(source_id) OVER turns AS old_source, lag(as_of) OVER turns AS old_as_of
          FROM sent WINDOW turns AS (PARTITION BY id ORDER BY turn)),
        beside AS (
          SELECT s.turn, s.id, s.group_id, s.amount, s.source_id, s.as_of, s.is_last,
            coalesce(s.old_group, o.group_id) AS old_group, coalesce(s.old_amount, o.amount) AS old_amount,
            coalesce(s.old_source, o.source_id) AS old_source, CASE WHEN s.is_first THEN o.as_of ELSE s.old_as_of END AS old_as_of,
            CASE WHEN s.is_first THEN o.committed_at ELSE $2 END AS old_at
          FROM said s LEFT JOIN LATERAL (
            SELECT * FROM salary_observation WHERE s.is_first AND salaries_id = $1 AND id = s.id LIMIT 1) o ON true),
        judged AS MATERIALIZED (
          SELECT *, old_group IS NULL AS is_new,
            (group_id, amount, source_id, as_of) IS DISTINCT FROM (old_group, old_amount, old_source, old_as_of) AS is_change
          FROM beside),
        last AS MATERIALIZED (
          SELECT * FROM (SELECT *, bool_or(is_new) OVER ids AS is_new_id, bool_or(is_change) OVER ids AS is_changed_id
            FROM judged WINDOW ids AS (PARTITION BY id)) j
          WHERE is_last AND is_changed_id),
        added AS (
          INSERT INTO salary_observation(salaries_id, id, group_id, amount, source_id, as_of, committed_at)
          SELECT $1, id, group_id, amount, source_id, as_of, $2 FROM last WHERE is_new_id),
        corrected AS (
          INSERT INTO salary_observation(salaries_id, id, group_id, amount, source_id, as_of, committed_at)
          SELECT $1, id, group_id, amount, source_id, as_of, $2 FROM last WHERE NOT is_new_id
          ON CONFLICT (salaries_id, id) DO UPDATE SET group_id = excluded.group_id, amount = excluded.amount, source_id = excluded.source_id,
            as_of = excluded.as_of, committed_at = excluded.committed_at),
        past AS (
          INSERT INTO salary_observation_past(salaries_id, id, group_id, amount, source_id, as_of, committed_at, superseded_at)
          SELECT $1, id, old_group, old_amount, old_source, old_as_of, old_at, $2 FROM judged WHERE is_change AND NOT is_new ORDER BY turn),
        changes AS MATERIALIZED (
          SELECT group_id, amount, source_id, 1 AS count FROM judged WHERE is_change
          UNION ALL SELECT old_group, old_amount, old_source, -1 FROM judged WHERE is_change AND NOT is_new),
        amounts AS (
          INSERT INTO salary_amount AS a(group_id, amount, count)
          SELECT group_id, amount, sum(count) FROM changes GROUP BY 1, 2 HAVING sum(count) <> 0 ORDER BY 1, 2
          ON CONFLICT (group_id, amount) DO UPDATE SET count = a.count + excluded.count),
        ranges AS (
          INSERT INTO salary_range AS r(group_id, low, count)
          SELECT group_id, salary_range_of(amount), sum(count) FROM changes GROUP BY 1, 2 HAVING sum(count) <> 0 ORDER BY 1, 2
          ON CONFLICT (group_id, low) DO UPDATE SET count = r.count + excluded.count),
        sources AS (
          INSERT INTO salary_group_source AS s(group_id, source_id, count)
          SELECT group_id, source_id, sum(count) FROM changes GROUP BY 1, 2 HAVING sum(count) <> 0 ORDER BY 1, 2
          ON CONFLICT (group_id, source_id) DO UPDATE SET count = s.count + excluded.count),
        touched AS (
          INSERT INTO salary_unsettled AS u(salaries_id, group_id, since, gained)
          SELECT $1, group_id, $2, bool_or(count > 0) FROM changes GROUP BY group_id
          ON CONFLICT (salaries_id, group_id) DO UPDATE SET gained = true WHERE excluded.gained AND NOT u.gained)
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_change), count(*) FILTER (WHERE is_change AND NOT is_new) FROM judged
        """;

    /// <summary>Merges a chunk.</summary>
    /// <param name="transaction">Has the salaries locked.</param>
    /// <param name="salaries">Whose they are.</param>
    /// <param name="rows">In the upload's order. They may be merged again where the transaction is tried again.</param>
    /// <param name="at">The time of this transaction.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<MergedChunk> MergeAsync(
        NpgsqlTransaction transaction,
        LockedSalaries salaries,
        IReadOnlyList<SentObservation> rows,
        DateTime at,
        CancellationToken cancellationToken
    )
    {
        if (rows.Count == 0)
        {
            return new MergedChunk(0, 0, 0, []);
        }
        var sources = await ObservationCatalog.FindSourcesAsync(
            transaction,
            salaries,
            [.. rows.Select(row => row.Observation.Source).Distinct()],
            cancellationToken
        );
        // A row without a source must not make a group that is then empty.
        var groups = await ObservationCatalog.FindGroupsAsync(
            transaction,
            salaries,
            [.. rows.Where(row => sources.ContainsKey(row.Observation.Source)).Select(row => row.Observation.Group).Distinct()],
            cancellationToken
        );
        var refused = await StageAsync(transaction, rows, sources, groups, cancellationToken);
        await using var merge = new NpgsqlCommand(MergeSql, transaction.Connection, transaction)
        {
            CommandTimeout = SecondsToMerge,
            Parameters =
            {
                new() { Value = salaries.Id },
                new() { Value = at },
            },
        };
        await using var counts = await merge.ExecuteReaderAsync(cancellationToken);
        await counts.ReadAsync(cancellationToken);
        return new MergedChunk(counts.GetInt64(0), counts.GetInt64(1), counts.GetInt64(2), refused);
    }

    /// <summary>Copies the rows into a table of this transaction alone.</summary>
    /// <returns>Those that there is no room for.</returns>
    private static async Task<IReadOnlyList<RejectedRow>> StageAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<SentObservation> rows,
        Dictionary<ObservationSource, int> sources,
        Dictionary<SalaryGroup, int> groups,
        CancellationToken cancellationToken
    )
    {
        await using var stage = new NpgsqlCommand(StageSql, transaction.Connection, transaction);
        await stage.ExecuteNonQueryAsync(cancellationToken);
        List<RejectedRow> refused = [];
        await using var copy = await transaction.Connection!.BeginBinaryImportAsync(CopySql, cancellationToken);
        for (var turn = 0; turn < rows.Count; turn++)
        {
            var (line, observation) = rows[turn];
            if (!sources.TryGetValue(observation.Source, out var source))
            {
                refused.Add(RejectedRow.Of(line, ObservationInput.Columns[ObservationInput.Source], NoRoomForSource));
            }
            else if (!groups.TryGetValue(observation.Group, out var group))
            {
                refused.Add(RejectedRow.Of(line, RejectedRow.Whole, NoRoomForGroup));
            }
            else
            {
                await WriteAsync(copy, turn, observation, group, source, cancellationToken);
            }
        }
        await copy.CompleteAsync(cancellationToken);
        return refused;
    }

    private static async Task WriteAsync(
        NpgsqlBinaryImporter copy,
        int turn,
        Observation observation,
        int group,
        int source,
        CancellationToken cancellationToken
    )
    {
        await copy.StartRowAsync(cancellationToken);
        await copy.WriteAsync(turn, NpgsqlDbType.Integer, cancellationToken);
        await copy.WriteAsync(observation.Id, NpgsqlDbType.Text, cancellationToken);
        await copy.WriteAsync(group, NpgsqlDbType.Integer, cancellationToken);
        await copy.WriteAsync(observation.Amount, NpgsqlDbType.Bigint, cancellationToken);
        await copy.WriteAsync(source, NpgsqlDbType.Integer, cancellationToken);
        if (observation.AsOf is { } asOf)
        {
            await copy.WriteAsync(asOf, NpgsqlDbType.Date, cancellationToken);
        }
        else
        {
            await copy.WriteNullAsync(cancellationToken);
        }
    }

    private static string NoRoomForSource { get; } =
        $"is one more than the {ObservationCatalog.MostSources} that a career may have: a source is who published the figure, not who it is about";

    private static string NoRoomForGroup { get; } =
        $"is of a new level, region, currency and year, and a career may have {ObservationCatalog.MostGroups} of these together";
}
