using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.CareerService.Salaries;

/// <summary>A career's salaries, as they are or as they were.</summary>
/// <param name="IsWithdrawn">True where the career is, or was, withdrawn; the rest has no meaning then.</param>
/// <param name="Id">What the rows of its observed salaries have; null where there are none.</param>
/// <param name="Version">Of the observed salaries, as it is now.</param>
/// <param name="Editorial">What its editors say, by level.</param>
/// <param name="UpdatedAt">When they last said anything.</param>
internal sealed record SalariesOf(bool IsWithdrawn, int? Id, long Version, IReadOnlyList<SalaryRangeOf> Editorial, DateTime UpdatedAt);

/// <summary>What editors say of a level.</summary>
internal sealed record SalaryRangeOf(string Level, SalaryRange Range)
{
    public SalaryGroup Group => new(Level, Range.Region ?? "", Range.Currency, Range.AsOf.Year);
}

/// <summary>What is told of a group.</summary>
/// <param name="Group">Which.</param>
/// <param name="Version">Of the salaries, when it was told.</param>
/// <param name="At">From when on it is told.</param>
/// <param name="Observed">What the API gives of it.</param>
/// <param name="MedianLow">For the interval of the median; null where it is withheld.</param>
/// <param name="MedianHigh">Likewise.</param>
internal sealed record GroupSummary(
    SalaryGroup Group,
    long Version,
    DateTime At,
    ObservedSalary Observed,
    long? MedianLow,
    long? MedianHigh
);

/// <summary>Reads the summaries of groups. Those of every time are kept, so a time that is over is read as the present is.</summary>
internal static class SummaryReader
{
    private const string NowSql = """
        SELECT c.withdrawn_at IS NOT NULL, c.state->'levels', c.updated_at, s.id, coalesce(s.version, 0)
        FROM career c LEFT JOIN career_salaries s ON s.career_id = c.id WHERE c.slug = $1
        """;

    private const string ThenSql = """
        SELECT r.state IS NULL, r.state->'levels', r.saved_at, s.id, coalesce(s.version, 0)
        FROM career c
        CROSS JOIN LATERAL (
          SELECT state, saved_at FROM career_revision WHERE career_id = c.id AND saved_at <= $2 ORDER BY saved_at DESC LIMIT 1) r
        LEFT JOIN career_salaries s ON s.career_id = c.id WHERE c.slug = $1
        """;

    // A group that all observations have left by corrections is none any more.
    private const string SummariesSql = """
        SELECT g.level, g.region, g.currency, g.year, s.*
        FROM salary_group g CROSS JOIN LATERAL (
          SELECT version, at, sample_size, p10, p25, median, p75, p90, median_low, median_high, source_ids, source_counts,
            coalesce(observed_at, at)
          FROM salary_summary WHERE group_id = g.id AND at <= $2 ORDER BY at DESC LIMIT 1) s
        WHERE g.salaries_id = $1 AND ($3 IS NULL OR g.level = $3) AND ($4 IS NULL OR g.region = $4) AND ($5 IS NULL OR g.currency = $5)
          AND ($6 IS NULL OR g.year = $6) AND s.sample_size > 0
        """;

    private static readonly DateTime s_infinity = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc); // as Npgsql has it

    private const string SourcesSql = "SELECT id, name, url, licence FROM salary_source WHERE id = ANY($1)";

    /// <summary>Finds a career; null where there is none, or was none then.</summary>
    public static async Task<SalariesOf?> FindAsync(
        NpgsqlTransaction snapshot,
        string slug,
        DateTime? asOf,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(asOf is null ? NowSql : ThenSql, snapshot.Connection, snapshot);
        command.Parameters.Add(new() { Value = slug });
        if (asOf is { } time)
        {
            command.Parameters.Add(new() { Value = time });
        }
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }
        var isWithdrawn = row.GetBoolean(0);
        var levels = isWithdrawn ? [] : JsonSerializer.Deserialize<CareerLevel[]>(row.GetString(1), ApiJson.Options)!;
        var editorial = levels.Where(level => level.Salary is not null).Select(level => new SalaryRangeOf(level.Level, level.Salary!));
        return new SalariesOf(
            isWithdrawn,
            row.IsDBNull(3) ? null : row.GetInt32(3),
            row.GetInt64(4),
            [.. editorial],
            isWithdrawn ? default : row.GetDateTime(2)
        );
    }

    /// <summary>What is, or was, told of the groups of a career, in their order.</summary>
    public static async Task<IReadOnlyList<GroupSummary>> ReadAsync(
        NpgsqlTransaction snapshot,
        SalariesOf salaries,
        SalaryFilter filter,
        DateTime? asOf,
        CancellationToken cancellationToken
    )
    {
        if (salaries.Id is not { } id)
        {
            return [];
        }
        List<(SummaryRow Row, int[] Sources, long[] Counts)> rows = [];
        await using (var command = Command(snapshot, id, filter, asOf))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                rows.Add((ToRow(row), row.GetFieldValue<int[]>(14), row.GetFieldValue<long[]>(15)));
            }
        }
        rows.Sort(static (a, b) => a.Row.Group.CompareTo(b.Row.Group));
        var named = rows.SelectMany(row => row.Sources).ToHashSet();
        var names = await ReadSourcesAsync(snapshot, [.. named], cancellationToken);
        // A career may have thousands of groups, and is read anew after each upload: no row is gone through twice.
        var summaries = new GroupSummary[rows.Count];
        for (var i = 0; i < summaries.Length; i++)
        {
            var (row, ids, counts) = rows[i];
            var sources = new SourceCount[ids.Length];
            for (var n = 0; n < sources.Length; n++)
            {
                sources[n] = names[ids[n]] with { Count = counts[n] };
            }
            summaries[i] = row.ToSummary(sources);
        }
        return summaries;
    }

    private static NpgsqlCommand Command(NpgsqlTransaction snapshot, int id, SalaryFilter filter, DateTime? asOf) =>
        new(SummariesSql, snapshot.Connection, snapshot)
        {
            Parameters =
            {
                new() { Value = id },
                new() { Value = asOf ?? s_infinity },
                new() { Value = (object?)filter.Level ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = (object?)filter.Region ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = (object?)filter.Currency ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = (object?)filter.Year ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer },
            },
        };

    private static SummaryRow ToRow(NpgsqlDataReader row) =>
        new(
            new SalaryGroup(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3)),
            Version: row.GetInt64(4),
            At: row.GetDateTime(5),
            ObservedAt: row.GetDateTime(16),
            Size: row.GetInt64(6),
            P10: ToValue(row, 7),
            P25: ToValue(row, 8),
            Median: ToValue(row, 9),
            P75: ToValue(row, 10),
            P90: ToValue(row, 11),
            MedianLow: ToValue(row, 12),
            MedianHigh: ToValue(row, 13)
        );

    private static long? ToValue(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static async Task<Dictionary<int, SourceCount>> ReadSourcesAsync(
        NpgsqlTransaction snapshot,
        int[] sources,
        CancellationToken cancellationToken
    )
    {
        Dictionary<int, SourceCount> names = new(sources.Length);
        if (sources.Length == 0)
        {
            return names;
        }
        await using var command = new NpgsqlCommand(SourcesSql, snapshot.Connection, snapshot)
        {
            Parameters = { new() { Value = sources } },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var url = row.IsDBNull(2) ? null : row.GetString(2);
            names.Add(row.GetInt32(0), new SourceCount(row.GetString(1), url, row.IsDBNull(3) ? null : row.GetString(3), Count: 0));
        }
        return names;
    }

    /// <param name="Group">The group.</param>
    /// <param name="Version">Of the salaries.</param>
    /// <param name="At">From when on it is told.</param>
    /// <param name="ObservedAt">When an observation came to it last.</param>
    /// <param name="Size">How many observations there are.</param>
    /// <param name="P10">The 10th percentile; null, as the others, where it is withheld.</param>
    /// <param name="P25">The 25th percentile.</param>
    /// <param name="Median">The 50th percentile.</param>
    /// <param name="P75">The 75th percentile.</param>
    /// <param name="P90">The 90th percentile.</param>
    /// <param name="MedianLow">The lower of the two values about the median.</param>
    /// <param name="MedianHigh">The higher.</param>
    private readonly record struct SummaryRow(
        SalaryGroup Group,
        long Version,
        DateTime At,
        DateTime ObservedAt,
        long Size,
        long? P10,
        long? P25,
        long? Median,
        long? P75,
        long? P90,
        long? MedianLow,
        long? MedianHigh
    )
    {
        public GroupSummary ToSummary(IReadOnlyList<SourceCount> sources)
        {
            var state = ObservedState.Of(Size);
            var observed = new ObservedSalary(
                state,
                P10,
                P25,
                Median,
                P75,
                P90,
                Size,
                ObservedSalary.PercentileMethod,
                ObservedAt,
                sources
            );
            return new GroupSummary(Group, Version, At, observed, MedianLow, MedianHigh);
        }
    }
}
