using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BackendGuide.Eventing.Following;

/// <summary>
/// Says after an accepted write where its change is in the feed. The position exists only after the commit, so it is looked up with that, or then; a
/// write that changed nothing public is as far as the feed is.
/// </summary>
public sealed partial class ChangeCursors
{
    // As many as fit into a header without a second thought; of more than that, what is kept is given up altogether.
    private const int MostTags = 200;

    private readonly NpgsqlDataSource _database;
    private readonly Feed _feed;
    private readonly EvictionLedger? _ledger;
    private readonly ILogger _logger;

    internal ChangeCursors(NpgsqlDataSource database, Feed feed, EvictionLedger? ledger, ILogger<ChangeCursors> logger) =>
        (_database, _feed, _ledger, _logger) = (database, feed, ledger, logger);

    /// <summary>Sets the headers of the answer, which must not have begun.</summary>
    /// <param name="context">The write's.</param>
    /// <param name="sequence">The place in the event log of the write's last event; null where it made none.</param>
    /// <param name="tags">What answers all events of the write evict; null for those of the last one, which has all of them.</param>
    public async Task SayAsync(HttpContext context, long? sequence, IReadOnlyList<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            await using var look = _database.CreateBatch();
            look.BatchCommands.Add(FeedPlace.Ask(sequence));
            await using var row = await look.ExecuteReaderAsync(context.RequestAborted);
            var place = await FeedPlace.ReadAsync(row, context.RequestAborted);
            Say(context, tags is null ? place : place with { Tags = tags });
        }
        catch (NpgsqlException e)
        {
            // The write is committed, and is answered as what it is.
            NotKnown(e);
        }
    }

    /// <summary>Sets the headers of the answer, which must not have begun, by what was asked for with the commit.</summary>
    public void Say(HttpContext context, WrittenPlace place)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(place);
        var position = new FeedPosition(place.Epoch, place.Position);
        context.Response.Headers[ChangeCursorExtensions.ChangeCursorHeader] = ChangeCursor.Start.With(_feed.Source, position).ToString();
        if (place.Tags is { Count: > 0 } tags)
        {
            Evict(context.Response, position, tags.Count > MostTags ? [Eviction.Everything] : tags);
        }
    }

    // Whoever made the change reads it here at once, and at the gateway; the others hear of it in a moment.
    private void Evict(HttpResponse response, FeedPosition position, IReadOnlyList<string> tags)
    {
        _ledger?.Evict(EventSources.ServiceOf(_feed.Source), _feed.Source, position, tags);
        response.Headers[AnswerHeaders.SurrogateKey] = string.Join(' ', tags);
    }

    [LoggerMessage(90, LogLevel.Warning, "A write is answered without its Change-Cursor: the database cannot say it")]
    private partial void NotKnown(Exception exception);
}
