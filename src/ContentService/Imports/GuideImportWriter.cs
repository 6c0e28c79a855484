using BackendGuide.Eventing;
using BackendGuide.Eventing.Log;
using Npgsql;
using Activity = System.Diagnostics.Activity;

namespace BackendGuide.ContentService.Imports;

/// <summary>
/// Commits guides of imports: together, and one by one where the database refuses something of them. However many imports an instance runs, it
/// commits for one at a time: two would wait for one another's guides in the database, and for the time that they may wait there, while editors wait
/// for both.
/// </summary>
internal sealed partial class GuideImportWriter(EventLog log, TimeProvider time, ILogger<GuideImportWriter> logger) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Commits the guides. What the database refuses of one of them is that one's affair alone.</summary>
    /// <param name="guides">Each key once.</param>
    /// <param name="author">Who is written down as the author of the revisions.</param>
    /// <param name="cancellationToken">The import's.</param>
    /// <exception cref="NpgsqlException">The database is away, stops or has no room. What was committed before is; the rest is not.</exception>
    public async Task<ImportOutcome> WriteAsync(IReadOnlyList<ImportedGuide> guides, string author, CancellationToken cancellationToken)
    {
        if (guides.Count == 0)
        {
            return ImportOutcome.Nothing;
        }
        using var trace = BeginTrace();
        try
        {
            return await CommitAsync(guides, author, cancellationToken);
        }
        catch (PostgresException e) when (IsOfALine(e))
        {
            return guides.Count == 1 ? Reject(guides[0], e) : await WriteOneByOneAsync(guides, author, cancellationToken);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private async Task<ImportOutcome> WriteOneByOneAsync(
        IReadOnlyList<ImportedGuide> guides,
        string author,
        CancellationToken cancellationToken
    )
    {
        var outcome = ImportOutcome.Nothing;
        foreach (var guide in guides)
        {
            try
            {
                outcome = outcome.Then(await CommitAsync([guide], author, cancellationToken));
            }
            catch (PostgresException e) when (IsOfALine(e))
            {
                outcome = outcome.Then(Reject(guide, e));
            }
        }
        return outcome;
    }

    private async Task<ImportOutcome> CommitAsync(IReadOnlyList<ImportedGuide> guides, string author, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                var outcome = await log.WriteAsync(
                    (transaction, token) =>
                        new ImportTransaction(transaction, author, time.UtcNowInMicroseconds()).WriteAsync(guides, token),
                    static outcome => outcome is not null,
                    cancellationToken
                );
                if (outcome is not null)
                {
                    return outcome;
                }
                // Another created one of them meanwhile, and has committed: now it is there.
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private ImportOutcome Reject(ImportedGuide guide, PostgresException e)
    {
        Refused(guide.Key.Slug, guide.Key.Locale, e);
        return ImportOutcome.OneRejected;
    }

    // What has to do with the rows that are written, or with who else holds them; what else goes wrong goes wrong for every line.
    private static bool IsOfALine(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled
        || e.SqlState[..2] is "22" or "23" or "40" or "54"; // data, constraints, conflicts of transactions, limits

    // A trace of its own, which is not recorded: all that a hundred thousand events set off would be the import's, and nobody could look at it.
    private static Activity BeginTrace()
    {
        Activity.Current = null;
        return new Activity("import guides") { IsAllDataRequested = false }.Start();
    }

    [LoggerMessage(130, LogLevel.Warning, "An import's guide '{Slug}' ({Locale}) was refused by the database")]
    private partial void Refused(string slug, string locale, Exception exception);
}
