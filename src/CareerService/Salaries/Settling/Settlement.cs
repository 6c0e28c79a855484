using BackendGuide.CareerService.Salaries.Statistics;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Log;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.CareerService.Salaries.Settling;

/// <summary>
/// Makes what was committed public: new summaries of the groups that it touched, and the event that says so, in one transaction. What no summary has yet
/// nobody reads, so a reader sees no observation that was not told.
/// </summary>
internal static class Settlement
{
    /// <summary>Summaries of one career change at most this often, but for the end of an upload.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // An event has at most so many groups; the rest are in the next one.
    private const int MostGroups = 500;

    // Not withdrawn, and not to be before the commit: what is withdrawn nobody hears of any more.
    private const string PublicSql = "SELECT true FROM career WHERE id = $1 AND withdrawn_at IS NULL FOR SHARE";

    /// <summary>Takes, of the groups that are to be told, those that have waited longest.</summary>
    /// <remarks>
    /// The array is made once, whatever PostgreSQL knows of how many groups there are: a join would be planned for few, and twenty thousand that somebody
    /// made anew took a minute.
    /// </remarks>
    internal const string TakeSql = """
        WITH taken AS (
          DELETE FROM salary_unsettled WHERE salaries_id = $1 AND group_id = ANY(ARRAY(
            SELECT group_id FROM salary_unsettled WHERE salaries_id = $1 ORDER BY since, group_id LIMIT $2))
          RETURNING group_id, gained)
        SELECT g.id, g.level, g.region, g.currency, g.year, t.gained FROM salary_group g JOIN taken t ON t.group_id = g.id
        """;

    private const string SummarizeSql = """
        INSERT INTO salary_summary(
          group_id, at, version, sample_size, p10, p25, median, p75, p90, median_low, median_high, source_ids, source_counts,
          observed_at)
        SELECT n.group_id, $1, $2, n.sample_size, n.p10, n.p25, n.median, n.p75, n.p90, n.median_low, n.median_high, s.ids, s.counts,
          CASE WHEN n.gained THEN $1 ELSE coalesce((
            SELECT coalesce(observed_at, at) FROM salary_summary WHERE group_id = n.group_id ORDER BY at DESC LIMIT 1), $1) END
        FROM unnest($3::int[], $4::bigint[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
          $12::bigint[]) AS n(group_id, sample_size, gained, p10, p25, median, p75, p90, median_low, median_high)
        CROSS JOIN LATERAL (
          SELECT coalesce(array_agg(source_id ORDER BY count DESC, source_id), '{}') AS ids,
            coalesce(array_agg(count ORDER BY count DESC, source_id), '{}') AS counts
          FROM salary_group_source WHERE group_id = n.group_id AND count > 0) s
        """;

    private const string ToldSql = """
        UPDATE career_salaries SET version = $2, settled_at = $3, changed_at = $3, event_seq = $4,
          unsettled_since = (SELECT min(since) FROM salary_unsettled WHERE salaries_id = $1)
        WHERE id = $1
        """;

    /// <summary>What the salaries of a career are called in the feed.</summary>
    public static string Subject(string slug) => $"careers/{slug}/salaries";

    /// <summary>Settles what is unsettled.</summary>
    /// <param name="transaction">Has the salaries locked.</param>
    /// <param name="salaries">Whose.</param>
    /// <param name="now">The time of this transaction. It is asked for when all is counted: who asked for that time before was told what was before.</param>
    /// <param name="all">False for one event's worth of groups, those first that have waited longest.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was told last; null where there was nothing to tell, or nobody to be told.</returns>
    public static async Task<Told?> SettleAsync(
        NpgsqlTransaction transaction,
        LockedSalaries salaries,
        Func<DateTime> now,
        bool all,
        CancellationToken cancellationToken
    )
    {
        if (!await IsPublicAsync(transaction, salaries, cancellationToken))
        {
            return null;
        }
        List<(IReadOnlyDictionary<int, UnsettledGroup> Groups, IReadOnlyDictionary<int, SampleStatistics> Statistics)> events = [];
        do
        {
            var groups = await TakeAsync(transaction, salaries, cancellationToken);
            if (groups.Count == 0)
            {
                break;
            }
            events.Add((groups, await GroupAmounts.ReadAsync(transaction, [.. groups.Keys], cancellationToken)));
        } while (all);
        Told? told = null;
        var at = now();
        foreach (var (groups, statistics) in events)
        {
            var version = (told?.Version ?? salaries.Version) + 1;
            await SummarizeAsync(transaction, groups, statistics, at, version, cancellationToken);
            var updated = ToEvent(salaries, groups, statistics, at, version);
            told = new Told(version, await EventLog.AppendAsync(transaction, updated, at, cancellationToken));
        }
        if (told is not null)
        {
            await NoteAsync(transaction, salaries, told, at, cancellationToken);
        }
        return told;
    }

    private static async Task<bool> IsPublicAsync(
        NpgsqlTransaction transaction,
        LockedSalaries salaries,
        CancellationToken cancellationToken
    )
    {
        await using var ask = new NpgsqlCommand(PublicSql, transaction.Connection, transaction)
        {
            Parameters = { new() { Value = salaries.CareerId } },
        };
        return await ask.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<IReadOnlyDictionary<int, UnsettledGroup>> TakeAsync(
        NpgsqlTransaction transaction,
        LockedSalaries salaries,
        CancellationToken cancellationToken
    )
    {
        await using var take = new NpgsqlCommand(TakeSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = salaries.Id },
                new() { Value = MostGroups },
            },
        };
        Dictionary<int, UnsettledGroup> groups = [];
        await using var row = await take.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var group = new SalaryGroup(row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4));
            groups.Add(row.GetInt32(0), new UnsettledGroup(group, row.GetBoolean(5)));
        }
        return groups;
    }

    private static async Task SummarizeAsync(
        NpgsqlTransaction transaction,
        IReadOnlyDictionary<int, UnsettledGroup> groups,
        IReadOnlyDictionary<int, SampleStatistics> statistics,
        DateTime at,
        long version,
        CancellationToken cancellationToken
    )
    {
        await using var summarize = new NpgsqlCommand(SummarizeSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = at },
                new() { Value = version },
                new() { Value = statistics.Keys.ToArray() },
                new() { Value = statistics.Values.Select(one => one.Size).ToArray() },
                new() { Value = statistics.Keys.Select(id => groups[id].Gained).ToArray() },
            },
        };
        Func<SampleStatistics, long?>[] columns =
        [
            one => one.Percentiles?.P10,
            one => one.Percentiles?.P25,
            one => one.Percentiles?.Median,
            one => one.Percentiles?.P75,
            one => one.Percentiles?.P90,
            one => one.MedianLow,
            one => one.MedianHigh,
        ];
        foreach (var column in columns)
        {
            summarize.Parameters.Add(
                new() { Value = statistics.Values.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint }
            );
        }
        await summarize.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task NoteAsync(
        NpgsqlTransaction transaction,
        LockedSalaries salaries,
        Told told,
        DateTime at,
        CancellationToken cancellationToken
    )
    {
        await using var note = new NpgsqlCommand(ToldSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = salaries.Id },
                new() { Value = told.Version },
                new() { Value = at },
                new() { Value = told.Sequence },
            },
        };
        await note.ExecuteNonQueryAsync(cancellationToken);
    }

    private static PendingEvent ToEvent(
        LockedSalaries salaries,
        IReadOnlyDictionary<int, UnsettledGroup> groups,
        IReadOnlyDictionary<int, SampleStatistics> statistics,
        DateTime at,
        long version
    )
    {
        var observed = groups.OrderBy(group => group.Value.Group).Select(group => ToObserved(group.Value.Group, statistics[group.Key]));
        var data = new SalariesUpdated(salaries.Slug, version, [.. observed], at);
        return new PendingEvent("salaries", salaries.CareerId, version, EventTypes.SalariesUpdated, Subject(salaries.Slug), data)
        {
            Tags = CareerTags.ChangedBySalaries(salaries.Slug),
        };
    }

    private static ObservedSalaries ToObserved(SalaryGroup group, SampleStatistics statistics) =>
        new(
            group.Level,
            group.RegionOrNull,
            group.Currency,
            group.Year,
            ObservedState.Of(statistics.Size),
            statistics.Percentiles?.P10,
            statistics.Percentiles?.P25,
            statistics.Percentiles?.Median,
            statistics.Percentiles?.P75,
            statistics.Percentiles?.P90,
            statistics.Size
        );

    /// <param name="Group">Which.</param>
    /// <param name="Gained">True where it has observations that it did not have before.</param>
    private sealed record UnsettledGroup(SalaryGroup Group, bool Gained);
}

/// <summary>The event that was written last.</summary>
/// <param name="Version">Of the salaries, from now on.</param>
/// <param name="Sequence">Its place in the event log.</param>
internal sealed record Told(long Version, long Sequence);
