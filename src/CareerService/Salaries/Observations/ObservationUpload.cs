using BackendGuide.CareerService.Salaries.Settling;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>How an upload ended.</summary>
internal enum UploadEnd
{
    /// <summary>All of it is committed and public.</summary>
    Done,

    /// <summary>There is no such career.</summary>
    Unknown,

    /// <summary>The career is withdrawn, or was while it came in.</summary>
    Withdrawn,

    /// <summary>The salaries are not in the version that they were to be in.</summary>
    OtherVersion,
}

/// <summary>What came of an upload.</summary>
/// <param name="End">How it ended; the rest has a meaning only where it is done.</param>
/// <param name="Answer">The counts.</param>
/// <param name="Version">Of the salaries from now on.</param>
/// <param name="Sequence">The place in the event log of the event that has all of it; null where nothing became public by it.</param>
internal sealed record UploadResult(UploadEnd End, UploadAnswer Answer, long Version = 0, long? Sequence = null);

/// <summary>
/// Takes observations in chunks, each merged in a transaction of its own: so no transaction waits for the network, and what is in memory does not grow
/// with the upload. One that is cut may be sent again whole, for what was merged is a duplicate then.
/// </summary>
internal sealed class ObservationUpload(NpgsqlDataSource database, EventLog log, TimeProvider time)
{
    private const string CareerSql = "SELECT id, withdrawn_at IS NOT NULL FROM career WHERE slug = $1";

    // Another upload of the career may have its row for as long as a chunk takes, and several may wait; but less than a command may take.
    private const string PatienceSql = "SET LOCAL lock_timeout = '20s'";

    private const string ChangedSql =
        "UPDATE career_salaries SET changed_at = $2, unsettled_since = coalesce(unsettled_since, $2) WHERE id = $1";

    /// <summary>Takes an upload.</summary>
    /// <param name="slug">The career.</param>
    /// <param name="reader">Its rows.</param>
    /// <param name="conditions">Hold of the version that the salaries have before the first chunk.</param>
    /// <param name="cancellationToken">The client has gone: what is committed stays.</param>
    /// <exception cref="UnreadableUploadException">The body cannot be read from some place on; the chunks before are committed.</exception>
    public async Task<UploadResult> RunAsync(
        string slug,
        IObservationReader reader,
        WriteConditions conditions,
        CancellationToken cancellationToken
    )
    {
        var totals = new Totals();
        var (chunk, next) = (new UploadChunk(), new UploadChunk());
        var reading = ReadAsync(reader, chunk, cancellationToken);
        try
        {
            // Read before the career is looked for: what is wrong with the body is said first.
            var isLast = await reading;
            var (id, end) = await FindCareerAsync(slug, cancellationToken);
            for (var expected = conditions; end == UploadEnd.Done; expected = null)
            {
                // While one chunk is merged the next is read.
                reading = isLast ? Task.FromResult(true) : ReadAsync(reader, next, cancellationToken);
                var committed = await log.WriteAsync(
                    (transaction, token) => CommitAsync(transaction, id, chunk, expected, isLast, token),
                    static it => it.End == UploadEnd.Done,
                    cancellationToken
                );
                if (committed.Merged is { } merged)
                {
                    totals.Add(chunk, merged);
                    if (isLast)
                    {
                        return totals.ToResult(
                            UploadEnd.Done,
                            committed.Version,
                            totals.IsChange || committed.IsTold ? committed.Sequence : null
                        );
                    }
                    isLast = await reading;
                }
                end = committed.End;
                (chunk, next) = (next, chunk);
            }
            return totals.ToResult(end);
        }
        catch (UnreadableUploadException e)
        {
            e.Before = totals.Rows;
            throw;
        }
        finally
        {
            // Whoever called owns the body again.
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Task<bool> ReadAsync(IObservationReader reader, UploadChunk chunk, CancellationToken cancellationToken)
    {
        chunk.Clear();
        // What is there already is read without a wait: not on the thread that is to merge meanwhile.
        return Task.Run(() => reader.FillAsync(chunk, cancellationToken), cancellationToken);
    }

    private async Task<(Guid Id, UploadEnd End)> FindCareerAsync(string slug, CancellationToken cancellationToken)
    {
        await using var find = database.CreateCommand(CareerSql);
        find.Parameters.Add(new() { Value = slug });
        await using var row = await find.ExecuteReaderAsync(cancellationToken);
        return !await row.ReadAsync(cancellationToken) ? (default, UploadEnd.Unknown)
            : row.GetBoolean(1) ? (default, UploadEnd.Withdrawn)
            : (row.GetGuid(0), UploadEnd.Done);
    }

    private async Task<CommittedChunk> CommitAsync(
        NpgsqlTransaction transaction,
        Guid careerId,
        UploadChunk chunk,
        WriteConditions? expected,
        bool isLast,
        CancellationToken cancellationToken
    )
    {
        await using var patience = new NpgsqlCommand(PatienceSql, transaction.Connection, transaction);
        await patience.ExecuteNonQueryAsync(cancellationToken);
        var salaries = await LockedSalaries.TakeAsync(transaction, careerId, cancellationToken);
        if (salaries.IsWithdrawn)
        {
            return new CommittedChunk(UploadEnd.Withdrawn);
        }
        if (expected?.Hold(salaries.Tag) == false)
        {
            return new CommittedChunk(UploadEnd.OtherVersion);
        }
        var at = salaries.Next(time);
        var merged = await ObservationMerge.MergeAsync(transaction, salaries, chunk.Rows, at, cancellationToken);
        if (merged.IsChange)
        {
            await NoteAsync(transaction, salaries, at, cancellationToken);
        }
        // Readers are told once in an interval, and of all when the upload is over; also of what an upload left that was cut. They are told as of a time
        // that is as late as can be: who asked for that time before the commit was told what was before.
        var isDue = (merged.IsChange || salaries.IsUnsettled) && (isLast || !(at - salaries.SettledAt < Settlement.Interval));
        var changed = salaries with { ChangedAt = at };
        var told = isDue
            ? await Settlement.SettleAsync(transaction, salaries, () => changed.Next(time), all: isLast, cancellationToken)
            : null;
        return new CommittedChunk(UploadEnd.Done)
        {
            Merged = merged,
            IsTold = told is not null,
            Version = told?.Version ?? salaries.Version,
            Sequence = told?.Sequence ?? salaries.EventSequence,
        };
    }

    private static async Task NoteAsync(
        NpgsqlTransaction transaction,
        LockedSalaries salaries,
        DateTime at,
        CancellationToken cancellationToken
    )
    {
        await using var changed = new NpgsqlCommand(ChangedSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = salaries.Id },
                new() { Value = at },
            },
        };
        await changed.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <param name="End">Anything but done is rolled back.</param>
    private sealed record CommittedChunk(UploadEnd End)
    {
        public MergedChunk? Merged { get; init; }

        /// <summary>True where something became public by it, which an upload before may have left.</summary>
        public bool IsTold { get; init; }

        public long Version { get; init; }

        /// <summary>The last event of the salaries: with this one's lock held, it has all that is settled.</summary>
        public long? Sequence { get; init; }
    }

    /// <summary>What the chunks that are committed come to.</summary>
    private sealed class Totals
    {
        private readonly List<RejectedRow> _rejected = [];
        private long _accepted;
        private long _duplicate;
        private long _corrected;
        private long _rejectedTotal;

        public long Rows => _accepted + _duplicate + _corrected + _rejectedTotal;

        public bool IsChange => _accepted + _corrected > 0;

        public void Add(UploadChunk chunk, MergedChunk merged)
        {
            _accepted += merged.Accepted;
            _duplicate += merged.Duplicate;
            _corrected += merged.Corrected;
            _rejectedTotal += chunk.RejectedCount + merged.Refused.Count;
            var inOrder = chunk.Rejected.Concat(merged.Refused).OrderBy(row => row.Line);
            _rejected.AddRange(inOrder.Take(UploadAnswer.MostListed - _rejected.Count));
        }

        public UploadResult ToResult(UploadEnd end, long version = 0, long? sequence = null) =>
            new(end, new UploadAnswer(_accepted, _duplicate, _corrected, _rejected, _rejectedTotal), version, sequence);
    }
}
