using NpgsqlTypes;

namespace BackendGuide.Eventing.Consuming;

/// <summary>
/// A table that is this service's own copy of what another one publishes. Besides the columns named here it has
/// <c>source_epoch uuid</c>, <c>source_pos bigint</c>, <c>version bigint</c> and <c>deleted bool</c>, all NOT NULL; what is deleted stays as
/// a tombstone, so that an older event cannot bring it back.
/// </summary>
/// <param name="Table">The table's name.</param>
/// <param name="Key">The primary key: columns of the type <c>text</c>.</param>
/// <param name="Data">The copied columns.</param>
public sealed record Projection(string Table, IReadOnlyList<string> Key, IReadOnlyList<ProjectedColumn> Data)
{
    /// <summary>What answers of this service are evicted by a change of a row, by its key; null for all of them.</summary>
    public Func<IReadOnlyList<string>, IReadOnlyList<string>>? TagsOf { get; init; }

    private const string Known = "source_epoch, source_pos, version, deleted";

    internal string Columns { get; } = string.Join(", ", [.. Key, Known, .. Data.Select(column => column.Name)]);

    internal string KeyColumns { get; } = string.Join(", ", Key);

    /// <summary>The columns that an upsert sets, from <c>excluded</c>.</summary>
    internal string Assignments { get; } =
        string.Join(", ", Known.Split(", ").Concat(Data.Select(column => column.Name)).Select(column => $"{column} = excluded.{column}"));

    /// <summary>Writes rows, each column as an array, where they are newer than what is there.</summary>
    internal string UpsertSql =>
        $"""
            INSERT INTO {Table} AS c({Columns}) SELECT * FROM unnest({Parameters})
            ON CONFLICT ({KeyColumns}) DO UPDATE SET {Assignments}
            WHERE c.source_epoch <> excluded.source_epoch OR c.version < excluded.version
            """;

    private string Parameters => string.Join(", ", Enumerable.Range(1, Columns.Split(", ").Length).Select(n => $"${n}"));

    /// <summary>What makes two rows the same: version, tombstone and data, as text, for a reader of the table <paramref name="alias"/>.</summary>
    internal string Fingerprint(string alias) =>
        $"md5(concat_ws('|', {alias}.version, {alias}.deleted, {string.Join(", ", Data.Select(column => $"{alias}.{column.Name}::text"))}))";
}

/// <summary>A copied column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">How its values are sent: no array's, for rows are written as arrays of their columns.</param>
public sealed record ProjectedColumn(string Name, NpgsqlDbType Type);

/// <summary>What an event makes of one row of a <see cref="Projection"/>.</summary>
/// <param name="Key">In the order of <see cref="Projection.Key"/>.</param>
/// <param name="Version">The version that decides: a row is replaced only by a higher one.</param>
/// <param name="Deleted">True for a tombstone.</param>
/// <param name="Data">In the order of <see cref="Projection.Data"/>; those of one column are of one type, and none is null.</param>
public sealed record ProjectedRow(IReadOnlyList<string> Key, long Version, bool Deleted, IReadOnlyList<object> Data);
