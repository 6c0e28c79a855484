using System.Text.Json;
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
/// Says after an accepted write where its change is in the feed. The position exists only after the commit, so it is looked up then; a write
/// that changed nothing public is as far as the feed is.
/// </summary>
internal sealed partial class ChangeCursorFilter(
    NpgsqlDataSource database,
    Feed feed,
    ILogger<ChangeCursorFilter> logger,
    EvictionLedger? ledger = null
) : IEndpointFilter
{
    private const string Sql = """
        SELECT epoch, coalesce((SELECT pos FROM feed WHERE seq = $1), greatest(floor_pos, (SELECT max(pos) FROM feed))),
          (SELECT headers->'tags' FROM event_log WHERE seq = $1)
        FROM feed_meta
        """;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var result = await next(context);
        var answer = result;
        while (answer is INestedHttpResult nested)
        {
            answer = nested.Result;
        }
        if (answer is WrittenResult written)
        {
            await SayAsync(context.HttpContext, written.Sequence);
        }
        return result;
    }

    private async Task SayAsync(HttpContext context, long? sequence)
    {
        try
        {
            await using var look = database.CreateCommand(Sql);
            look.Parameters.Add(new() { Value = (object?)sequence ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
            await using var row = await look.ExecuteReaderAsync(context.RequestAborted);
            await row.ReadAsync(context.RequestAborted);
            var position = new FeedPosition(row.GetGuid(0), row.GetInt64(1));
            context.Response.Headers[ChangeCursorExtensions.ChangeCursorHeader] = ChangeCursor.Start.With(feed.Source, position).ToString();
            if (!row.IsDBNull(2) && JsonSerializer.Deserialize<string[]>(row.GetString(2)) is { } tags)
            {
                // Whoever made the change reads it here at once, and at the gateway; the others hear of it in a moment.
                ledger?.Evict(EventSources.ServiceOf(feed.Source), feed.Source, position, tags);
                context.Response.Headers[AnswerHeaders.SurrogateKey] = string.Join(' ', tags);
            }
        }
        catch (NpgsqlException e)
        {
            // The write is committed, and is answered as what it is.
            NotKnown(e);
        }
    }

    [LoggerMessage(90, LogLevel.Warning, "A write is answered without its Change-Cursor: the database cannot say it")]
    private partial void NotKnown(Exception exception);
}
