using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Log;
using NpgsqlTypes;

namespace BackendGuide.Eventing.Following;

/// <summary>
/// How far this service's own rows and its copies are, as its database says: another instance may apply the events. However many wait, one
/// question at a time is asked for all of them.
/// </summary>
internal sealed class ReachedPositions(
    EventingDatabase database,
    Feed feed,
    EventApplier applier,
    EventHandlers handlers,
    ConsumerName name
) : IDisposable
{
    // What was set aside counts as taken, and is not in the copy: the copy is as new as what is before it.
    private const string Sql = """
        SELECT m.epoch, greatest(m.floor_pos, coalesce((SELECT max(pos) FROM feed), 0)), p.epoch, CASE WHEN p.resync THEN 0 ELSE least(p.contiguous_pos,
          (SELECT min(k.pos) - 1 FROM parked_event k
           WHERE k.consumer = $1 AND k.source = $2 AND k.epoch = p.epoch AND k.event->>'type' = ANY ($3))) END
        FROM feed_meta m LEFT JOIN source_progress p ON p.consumer = $1 AND p.source = $2
        """;

    private readonly SemaphoreSlim _asking = new(1);
    private ChangeCursor _reached = ChangeCursor.Start;
    private long _asked;
    private long _answered;

    /// <summary>The positions at a moment after this call.</summary>
    public async Task<ChangeCursor> ReadAsync(CancellationToken cancellationToken)
    {
        var ticket = Interlocked.Increment(ref _asked);
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (Volatile.Read(ref _answered) < ticket)
            {
                var upTo = Volatile.Read(ref _asked);
                _reached = await AskAsync(cancellationToken);
                Volatile.Write(ref _answered, upTo);
            }
            return _reached;
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose() => _asking.Dispose();

    private async Task<ChangeCursor> AskAsync(CancellationToken cancellationToken)
    {
        await using var ask = database.Pooled.CreateCommand(Sql);
        ask.Parameters.Add(new() { Value = name.Value });
        ask.Parameters.Add(new() { Value = applier.Source });
        ask.Parameters.Add(new() { Value = handlers.RowTypes.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var row = await ask.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var reached = ChangeCursor.Start.With(feed.Source, new FeedPosition(row.GetGuid(0), row.GetInt64(1)));
        return row.IsDBNull(2) ? reached : reached.With(applier.Source, new FeedPosition(row.GetGuid(2), row.GetInt64(3)));
    }
}

/// <summary>The service's one consumer.</summary>
internal sealed record ConsumerName(string Value);
