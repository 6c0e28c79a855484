using Npgsql;

namespace BackendGuide.CareerService.Salaries.Statistics;

/// <summary>
/// The statistics of groups, from how many observations have each amount. The ranks that are wanted are found in a group's ranges first, and then
/// among the amounts of those few: so a group costs its ranges, some hundred, and not its observations.
/// </summary>
internal static class GroupAmounts
{
    private const string RangesSql = """
        SELECT group_id, array_agg(low ORDER BY low), array_agg(count ORDER BY low)
        FROM salary_range WHERE group_id = ANY($1) AND count > 0 GROUP BY group_id
        """;

    private const string AmountsSql = """
        SELECT w.n, a.amounts, a.counts
        FROM unnest($1::int[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS w(group_id, low, beyond, n)
          CROSS JOIN LATERAL (
            SELECT array_agg(amount ORDER BY amount) AS amounts, array_agg(count ORDER BY amount) AS counts FROM salary_amount
            WHERE group_id = w.group_id AND amount >= w.low AND amount < w.beyond AND count > 0) a
        """;

    /// <summary>The statistics of groups as a transaction sees them; those of an empty one too.</summary>
    public static async Task<IReadOnlyDictionary<int, SampleStatistics>> ReadAsync(
        NpgsqlTransaction transaction,
        int[] groups,
        CancellationToken cancellationToken
    )
    {
        var ranges = await ReadRangesAsync(transaction, groups, cancellationToken);
        Dictionary<int, long> sizes = [];
        Dictionary<int, Dictionary<long, long>> values = [];
        List<Wanted> wanted = [];
        foreach (var group in groups)
        {
            var ofGroup = ranges.GetValueOrDefault(group) ?? [];
            sizes[group] = ofGroup.Sum(range => range.Count);
            values[group] = [];
            wanted.AddRange(Find(group, ofGroup, SampleStatistics.RanksOf(sizes[group])));
        }
        await ReadAmountsAsync(transaction, wanted, values, cancellationToken);
        return groups.ToDictionary(group => group, group => SampleStatistics.Of(sizes[group], values[group]));
    }

    /// <summary>In which range each rank is. Both are in ascending order, so one walk does for all.</summary>
    private static IEnumerable<Wanted> Find(int group, Range[] ranges, IReadOnlyList<long> ranks)
    {
        var (next, below) = (0, 0L);
        foreach (var (low, count) in ranges)
        {
            var first = next;
            while (next < ranks.Count && ranks[next] < below + count)
            {
                next++;
            }
            if (next > first)
            {
                yield return new Wanted(group, low, below, [.. ranks.Skip(first).Take(next - first)]);
            }
            below += count;
        }
    }

    private static async Task<Dictionary<int, Range[]>> ReadRangesAsync(
        NpgsqlTransaction transaction,
        int[] groups,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(RangesSql, transaction.Connection, transaction)
        {
            Parameters = { new() { Value = groups } },
        };
        Dictionary<int, Range[]> ranges = [];
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var counted = row.GetFieldValue<long[]>(1).Zip(row.GetFieldValue<long[]>(2), (low, count) => new Range(low, count));
            ranges.Add(row.GetInt32(0), [.. counted]);
        }
        return ranges;
    }

    private static async Task ReadAmountsAsync(
        NpgsqlTransaction transaction,
        List<Wanted> wanted,
        Dictionary<int, Dictionary<long, long>> values,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(AmountsSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = wanted.Select(range => range.Group).ToArray() },
                new() { Value = wanted.Select(range => range.Low).ToArray() },
                new() { Value = wanted.Select(range => AmountRange.EndOf(range.Low)).ToArray() },
            },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var range = wanted[(int)row.GetInt64(0) - 1];
            Find(range, row.GetFieldValue<long[]>(1), row.GetFieldValue<long[]>(2), values[range.Group]);
        }
    }

    /// <summary>Which amount each rank of a range is.</summary>
    private static void Find(Wanted range, long[] amounts, long[] counts, Dictionary<long, long> values)
    {
        var (at, upTo) = (0, range.Below + counts[0]);
        foreach (var rank in range.Ranks)
        {
            while (rank >= upTo)
            {
                upTo += counts[++at];
            }
            values[rank] = amounts[at];
        }
    }

    private readonly record struct Range(long Low, long Count);

    /// <param name="Group">The group.</param>
    /// <param name="Low">The range.</param>
    /// <param name="Below">How many observations are under it.</param>
    /// <param name="Ranks">The ranks that are in it.</param>
    private sealed record Wanted(int Group, long Low, long Below, long[] Ranks);
}
