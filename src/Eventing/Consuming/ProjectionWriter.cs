using BackendGuide.Contracts;
using Npgsql;

namespace BackendGuide.Eventing.Consuming;

/// <summary>Writes one row of a copy. An event counts only where it is newer than what is there, so that duplicates and disorder do nothing, for ever.</summary>
internal static class ProjectionWriter
{
    /// <summary>
    /// The statement, to be sent with others. Another epoch counts whatever its version: that it is the source's present one is what the consumer's
    /// progress checks in the same transaction.
    /// </summary>
    public static NpgsqlBatchCommand Write(Projection projection, CloudEvent envelope, ProjectedRow row)
    {
        var write = new NpgsqlBatchCommand(projection.UpsertSql);
        foreach (var key in row.Key)
        {
            write.Parameters.Add(new() { Value = key });
        }
        write.Parameters.Add(new() { Value = envelope.Epoch });
        write.Parameters.Add(new() { Value = EventHandlers.PositionOf(envelope) });
        write.Parameters.Add(new() { Value = row.Version });
        write.Parameters.Add(new() { Value = row.Deleted });
        for (var i = 0; i < projection.Data.Count; i++)
        {
            write.Parameters.Add(new() { Value = row.Data[i], NpgsqlDbType = projection.Data[i].Type });
        }
        return write;
    }
}
