using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Log;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Evicting;

/// <summary>
/// Evicts what a committed change has made old that is no event: it has no place in the feed, so that by their positions answers from before it and
/// after it are the same.
/// </summary>
public sealed partial class QuietEvictions
{
    private const string HeadSql = "SELECT epoch, greatest(floor_pos, coalesce((SELECT max(pos) FROM feed), 0)) FROM feed_meta";

    private readonly NpgsqlDataSource _database;
    private readonly Feed _feed;
    private readonly EvictionAnnouncer _announcer;
    private readonly EvictionLedger? _ledger;
    private readonly ILogger _logger;

    internal QuietEvictions(
        NpgsqlDataSource database,
        Feed feed,
        EvictionAnnouncer announcer,
        EvictionLedger? ledger,
        ILogger<QuietEvictions> logger
    ) => (_database, _feed, _announcer, _ledger, _logger) = (database, feed, announcer, ledger, logger);

    /// <summary>
    /// Evicts answers with one of the tags: here at once, elsewhere a moment later. Until the next event none with them is kept. It waits for no
    /// broker; where the database or this process goes meanwhile, answers are as old as they may get, a minute.
    /// </summary>
    /// <param name="tags">What the change has made old.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task EvictAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        try
        {
            await using var look = _database.CreateCommand(HeadSql);
            await using var row = await look.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            // Whoever did not see the change was at the head at most.
            var behind = new FeedPosition(row.GetGuid(0), row.GetInt64(1) + 1);
            _ledger?.Evict(_announcer.By, _feed.Source, behind, tags);
            // Without an end: what was announced up to the head is for the relay to say.
            _ = _announcer.Announce(new Eviction(_announcer.By, _feed.Source, behind.Epoch, behind.Position, To: 0, tags, []));
        }
        catch (NpgsqlException e)
        {
            NotEvicted(e); // the change is committed, and is answered as what it is
        }
    }

    [LoggerMessage(
        101,
        LogLevel.Warning,
        "What a change without an event made old is kept for up to a minute: the database does not say where it is"
    )]
    private partial void NotEvicted(Exception exception);
}
