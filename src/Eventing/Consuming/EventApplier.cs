using System.Diagnostics;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.Eventing.Consuming;

/// <summary>An event, and the span that its effect belongs to.</summary>
internal sealed record TakenEvent(CloudEvent Event, ActivityContext Trace);

/// <summary>The events are of a history other than the one that the consumer follows. Nothing was committed.</summary>
internal sealed class OtherEpochException(Guid epoch) : Exception($"The consumer does not follow the epoch {epoch}.")
{
    public Guid Epoch => epoch;
}

/// <summary>
/// The consumer's statements: each method is one transaction, with the progress that it makes. What was committed is announced, also where it
/// did nothing: whoever committed it before may have ended before its announcement. Only then does the method return, and the event is acked.
/// </summary>
internal sealed class EventApplier(
    string consumer,
    string source,
    EventHandlers handlers,
    NpgsqlDataSource database,
    EvictionAnnouncer announcer
)
{
    private const string AttemptSql = """
        INSERT INTO attempt AS a(consumer, event_id, n) SELECT $1, unnest($2), 1
        ON CONFLICT (consumer, event_id) DO UPDATE SET n = a.n + 1 RETURNING n
        """;

    private const string ForgetAttemptsSql = "DELETE FROM attempt WHERE consumer = $1 AND event_id = ANY($2)";

    private const string ParkSql = """
        INSERT INTO parked_event(consumer, source, epoch, pos, event, reason) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (consumer, source, epoch, pos) DO UPDATE SET reason = excluded.reason, parked_at = clock_timestamp()
        """;

    private const string UnparkSql = "DELETE FROM parked_event WHERE consumer = $1 AND source = $2 AND epoch = $3 AND pos = $4";

    /// <summary>Whose events are applied.</summary>
    public string Source => source;

    /// <summary>Where the consumer is in its source's feed.</summary>
    public ConsumerProgress Progress { get; } = new(consumer, source);

    /// <summary>True where events of the type are taken.</summary>
    public bool Knows(CloudEvent cloudEvent) => handlers.Knows(cloudEvent.Type);

    /// <summary>Applies events together, in their order: all of them, or none.</summary>
    /// <param name="events">All of one epoch, and of types that are known. What was counted of them is forgotten.</param>
    /// <param name="unpark">True where the event was parked before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OtherEpochException">The consumer follows another history.</exception>
    public async Task ApplyAsync(IReadOnlyList<TakenEvent> events, bool unpark, CancellationToken cancellationToken)
    {
        var spans = events
            .Select(taken => EventingMetrics.Source.StartActivity($"apply {taken.Event.Type}", ActivityKind.Internal, taken.Trace))
            .ToList();
        try
        {
            Activity.Current = spans[0];
            var rows = events.Select(taken => handlers.RowOf(taken.Event)).ToList();
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            List<(CloudEvent Event, ProjectedRow Row)> copied = [];
            // By subject, so that two instances lock the same rows in the same order; the sort is stable, so a subject keeps its own.
            foreach (var (index, taken) in events.Index().OrderBy(item => item.Item.Event.Subject, StringComparer.Ordinal))
            {
                if (!handlers.IsCopied(taken.Event.Type))
                {
                    await CopyAsync(transaction, copied, cancellationToken);
                    Activity.Current = spans[index];
                    await HandleAsync(transaction, taken.Event, cancellationToken);
                    Activity.Current = spans[0];
                }
                else if (rows[index] is { } row)
                {
                    copied.Add((taken.Event, row));
                }
            }
            await CopyAsync(transaction, copied, cancellationToken);
            await RecordAppliedAsync(transaction, [.. events.Select(taken => taken.Event)], cancellationToken);
            if (unpark)
            {
                foreach (var taken in events)
                {
                    await ExecuteAsync(
                        transaction,
                        UnparkSql,
                        cancellationToken,
                        source,
                        taken.Event.Epoch,
                        EventHandlers.PositionOf(taken.Event)
                    );
                }
            }
            // Read before the commit: after it nothing may keep what was committed from being announced.
            var progress = unpark ? await Progress.ReadAsync(transaction, cancellationToken) : null;
            await transaction.CommitAsync(cancellationToken);
            await AnnounceAppliedAsync([.. events.Zip(rows, (taken, row) => (taken.Event, row))], progress);
        }
        catch (Exception e)
        {
            foreach (var span in spans)
            {
                span?.SetStatus(ActivityStatusCode.Error, e.Message);
            }
            throw;
        }
        finally
        {
            foreach (var span in spans)
            {
                span?.Dispose();
            }
        }
    }

    /// <summary>Sets an event aside, where an operator sees it and may have it tried again: its position counts as taken.</summary>
    /// <exception cref="OtherEpochException">The consumer follows another history.</exception>
    public async Task ParkAsync(CloudEvent cloudEvent, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var park = new NpgsqlCommand(ParkSql, connection, transaction)
        {
            Parameters =
            {
                new() { Value = consumer },
                new() { Value = source },
                new() { Value = cloudEvent.Epoch },
                new() { Value = EventHandlers.PositionOf(cloudEvent) },
                new() { Value = JsonSerializer.Serialize(cloudEvent, EventJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = reason },
            },
        };
        await park.ExecuteNonQueryAsync(cancellationToken);
        await RecordAsync(transaction, cloudEvent.Epoch, PositionsOf([cloudEvent]), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var position = EventHandlers.PositionOf(cloudEvent);
        await AnnounceAsync([Eviction(cloudEvent.Epoch, position, position, [], [])]);
    }

    /// <summary>Counts one attempt for each event, and commits that before the attempt is made.</summary>
    /// <returns>The highest count among them, this one included.</returns>
    public async Task<int> CountAttemptsAsync(IEnumerable<CloudEvent> events, CancellationToken cancellationToken)
    {
        await using var count = database.CreateCommand(AttemptSql);
        count.Parameters.Add(new() { Value = consumer });
        count.Parameters.Add(new() { Value = events.Select(cloudEvent => cloudEvent.Id).Distinct().ToArray() });
        var highest = 0;
        await using var row = await count.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            highest = Math.Max(highest, row.GetInt32(0));
        }
        return highest;
    }

    /// <summary>True where an attempt is on record for one of the events.</summary>
    public async Task<bool> WereAttemptedAsync(IEnumerable<CloudEvent> events, CancellationToken cancellationToken)
    {
        await using var look = database.CreateCommand("SELECT EXISTS (SELECT FROM attempt WHERE consumer = $1 AND event_id = ANY($2))");
        look.Parameters.Add(new() { Value = consumer });
        look.Parameters.Add(new() { Value = events.Select(cloudEvent => cloudEvent.Id).ToArray() });
        return await look.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Removes an event that was set aside, and of a history that its source no longer has.</summary>
    public async Task ForgetParkedAsync(CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        await using var forget = database.CreateCommand(UnparkSql);
        forget.Parameters.Add(new() { Value = consumer });
        forget.Parameters.Add(new() { Value = source });
        forget.Parameters.Add(new() { Value = cloudEvent.Epoch });
        forget.Parameters.Add(new() { Value = EventHandlers.PositionOf(cloudEvent) });
        await forget.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Counts positions as taken that have no event to apply: the source has parked them, or keeps them no longer.</summary>
    /// <exception cref="OtherEpochException">The consumer follows another history.</exception>
    public async Task SkipAsync(Guid epoch, long first, long last, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RecordAsync(transaction, epoch, [new NpgsqlRange<long>(first, last)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await AnnounceAsync([Eviction(epoch, first, last, [], [])]);
    }

    /// <summary>Takes note of a history whose beginning is no longer kept, for a consumer that keeps no copy.</summary>
    /// <exception cref="OtherEpochException">The consumer follows another history.</exception>
    public async Task ForgoAsync(Guid epoch, long floor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await Progress.FinishResyncAsync(transaction, epoch, floor, [], cancellationToken))
        {
            throw new OtherEpochException(epoch);
        }
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>True where the database answers within 2 s: then what took too long was the handler.</summary>
    public async Task<bool> DatabaseAnswersAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await using var ask = database.CreateCommand("SELECT 1");
            await ask.ExecuteScalarAsync(limit.Token).WaitAsync(limit.Token);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Announces that any row of the copy may have changed, without an event.</summary>
    public async Task AnnounceAnewAsync(CancellationToken cancellationToken)
    {
        if (await Progress.ReadAsync(database, cancellationToken) is { } progress)
        {
            await AnnounceAsync([Behind(progress, [Evicting.Eviction.Everything])]);
        }
    }

    /// <summary>Says how far everything was announced, by whichever instance.</summary>
    public void Beat(Progress progress) => announcer.Beat(source, progress.Epoch, progress.Contiguous);

    /// <param name="events">What was applied, and what it made of the copy.</param>
    /// <param name="unparked">Where the consumer is, for events that were parked before.</param>
    private async Task AnnounceAppliedAsync(IReadOnlyList<(CloudEvent Event, ProjectedRow? Row)> events, Progress? unparked)
    {
        if (unparked is not null)
        {
            // Their positions were taken long ago: what was read since lacks them as well.
            await AnnounceAsync([Behind(unparked, [.. events.SelectMany(it => handlers.TagsOf(it.Event.Type, it.Row)).Distinct()])]);
            return;
        }
        List<Eviction> runs = [];
        foreach (var (cloudEvent, row) in events.OrderBy(it => EventHandlers.PositionOf(it.Event)))
        {
            var position = EventHandlers.PositionOf(cloudEvent);
            var change = new EvictedChange(position, cloudEvent.Type, cloudEvent.Time, cloudEvent.TraceParent);
            var eviction = Eviction(cloudEvent.Epoch, position, position, handlers.TagsOf(cloudEvent.Type, row), [change]);
            if (runs.Count > 0 && runs[^1].TryJoin(eviction) is { } run)
            {
                runs[^1] = run;
            }
            else
            {
                runs.Add(eviction);
            }
        }
        await AnnounceAsync(runs);
    }

    // What is committed is committed, whoever has lost patience meanwhile.
    private Task AnnounceAsync(IReadOnlyList<Eviction> evictions) => announcer.AnnounceAsync(evictions, CancellationToken.None);

    // What was read before it may show something behind a hole: so it is evicted past that.
    private Eviction Behind(Progress progress, IReadOnlyList<string> tags) =>
        Eviction(progress.Epoch, Math.Max(progress.Seen, progress.Contiguous) + 1, progress.Contiguous, tags, []);

    private Eviction Eviction(Guid epoch, long from, long to, IReadOnlyList<string> tags, IReadOnlyList<EvictedChange> changes) =>
        new(announcer.By, source, epoch, from, to, tags, changes);

    /// <summary>Writes what was gathered, and begins anew.</summary>
    private async Task CopyAsync(
        NpgsqlTransaction transaction,
        List<(CloudEvent Event, ProjectedRow Row)> copied,
        CancellationToken cancellationToken
    )
    {
        if (copied.Count > 0)
        {
            await ProjectionWriter.ApplyAsync(transaction, handlers.Projection!, copied, cancellationToken);
            copied.Clear();
        }
    }

    private Task HandleAsync(NpgsqlTransaction transaction, CloudEvent cloudEvent, CancellationToken cancellationToken) =>
        handlers.TryFind(cloudEvent.Type, out var handler)
            ? handler(transaction, cloudEvent, cloudEvent.Data, cancellationToken)
            : throw new InvalidOperationException($"This consumer does not know the type {cloudEvent.Type}");

    // What was counted of them goes with it.
    private async Task RecordAppliedAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<CloudEvent> events,
        CancellationToken cancellationToken
    )
    {
        var record = Progress.Record(events[0].Epoch, PositionsOf(events));
        var forget = new NpgsqlBatchCommand(ForgetAttemptsSql)
        {
            Parameters =
            {
                new() { Value = consumer },
                new() { Value = events.Select(cloudEvent => cloudEvent.Id).ToArray() },
            },
        };
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction) { BatchCommands = { record, forget } };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        if (record.RecordsAffected != 1)
        {
            throw new OtherEpochException(events[0].Epoch);
        }
    }

    private static NpgsqlRange<long>[] PositionsOf(IReadOnlyList<CloudEvent> events) =>
        [.. events.Select(EventHandlers.PositionOf).Select(position => new NpgsqlRange<long>(position, position))];

    private async Task RecordAsync(
        NpgsqlTransaction transaction,
        Guid epoch,
        NpgsqlRange<long>[] positions,
        CancellationToken cancellationToken
    )
    {
        if (!await Progress.RecordAsync(transaction, epoch, positions, cancellationToken))
        {
            throw new OtherEpochException(epoch);
        }
    }

    private async Task ExecuteAsync(
        NpgsqlTransaction transaction,
        string sql,
        CancellationToken cancellationToken,
        params IReadOnlyList<object> values
    )
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = consumer });
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
