using BackendGuide.Contracts;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.Eventing.Consuming;

/// <summary>Writes rows of a copy. An event counts only where it is newer than what is there, so that duplicates and disorder do nothing, for ever.</summary>
internal static class ProjectionWriter
{
    /// <summary>
    /// Writes all of them by one statement, in their order; of those with one key the newest alone. Another epoch counts whatever its version: that it is
    /// the source's present one is what the consumer's progress checks in the same transaction.
    /// </summary>
    /// <param name="transaction">Of the events.</param>
    /// <param name="projection">The copy.</param>
    /// <param name="rows">What events of one epoch make of it: at least one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task ApplyAsync(
        NpgsqlTransaction transaction,
        Projection projection,
        IReadOnlyList<(CloudEvent Event, ProjectedRow Row)> rows,
        CancellationToken cancellationToken
    )
    {
        var newest = NewestOf(rows);
        await using var apply = new NpgsqlCommand(projection.UpsertSql, transaction.Connection, transaction);
        for (var i = 0; i < projection.Key.Count; i++)
        {
            Add(NpgsqlDbType.Text, it => it.Row.Key[i]);
        }
        Add(NpgsqlDbType.Uuid, it => it.Event.Epoch);
        Add(NpgsqlDbType.Bigint, it => EventHandlers.PositionOf(it.Event));
        Add(NpgsqlDbType.Bigint, it => it.Row.Version);
        Add(NpgsqlDbType.Boolean, it => it.Row.Deleted);
        for (var i = 0; i < projection.Data.Count; i++)
        {
            Add(projection.Data[i].Type, it => it.Row.Data[i]);
        }
        await apply.ExecuteNonQueryAsync(cancellationToken);

        void Add(NpgsqlDbType type, Func<(CloudEvent Event, ProjectedRow Row), object> value)
        {
            var values = newest.Select(value).ToList();
            // PostgreSQL takes an array of one type, and Npgsql takes it from the array's own.
            var column = Array.CreateInstance(values[0].GetType(), values.Count);
            ((System.Collections.IList)values).CopyTo(column, 0);
            apply.Parameters.Add(new() { Value = column, NpgsqlDbType = NpgsqlDbType.Array | type });
        }
    }

    // A statement may write a row once.
    private static List<(CloudEvent Event, ProjectedRow Row)> NewestOf(IReadOnlyList<(CloudEvent Event, ProjectedRow Row)> rows)
    {
        List<(CloudEvent Event, ProjectedRow Row)> newest = [];
        Dictionary<string, int> places = [];
        foreach (var it in rows)
        {
            var key = string.Join('\0', it.Row.Key);
            if (!places.TryGetValue(key, out var place))
            {
                places.Add(key, newest.Count);
                newest.Add(it);
            }
            else if (newest[place].Row.Version < it.Row.Version)
            {
                newest[place] = it;
            }
        }
        return newest;
    }
}
