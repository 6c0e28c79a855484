using System.Data;
using System.Globalization;
using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace BackendGuide.Eventing.Operating;

/// <summary>What a service tells the consumers of its events, besides the bus: its feed, and its present state. For other services alone.</summary>
internal static class SourceEndpoints
{
    private const int MostItems = 1_000;

    // The oldest of what the consumer lacks tells how late it is; what the broker has, whether that is the broker's fault.
    private const string NextSql = """
        SELECT (SELECT e.occurred_at FROM feed f JOIN event_log e USING (seq) WHERE f.pos > $1 ORDER BY f.pos LIMIT 1),
          (SELECT c.pos FROM relay_cursor c JOIN feed_meta m USING (epoch) WHERE c.name = 'rabbitmq')
        """;

    private const string ReportSql = """
        INSERT INTO feed_consumer AS c(name, pos, seen_at) VALUES ($1, $2, clock_timestamp())
        ON CONFLICT (name) DO UPDATE SET pos = excluded.pos, seen_at = excluded.seen_at
        """;

    public static void MapSource(this IEndpointRouteBuilder routes)
    {
        var source = routes.MapGroup("/internal").RequireAuthorization(Scopes.Internal).ExcludeFromDescription();
        source.MapGet("/changes", GetChanges);
        source.MapGet("/state", GetState);
    }

    private static async Task<Results<JsonHttpResult<SourceChanges>, ProblemHttpResult>> GetChanges(
        HttpRequest request,
        Feed feed,
        EventingDatabase database,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var after = ReadPosition(query);
        var limit = query.WholeNumber("limit", 0, MostItems, whenMissing: 100);
        var consumer = query.Text("consumer");
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        if (consumer is not null)
        {
            await using var report = Command(database.Pooled, ReportSql, consumer, after);
            await report.ExecuteNonQueryAsync(cancellationToken);
        }
        // The events before the ends: the floor moves before anything is deleted, so whatever these lack the floor read after them tells of.
        // The other way round a cut in between would be a gap that nobody is told of.
        var entries = limit == 0 ? [] : await feed.ReadAsync(after, limit, cancellationToken);
        var ends = await feed.ReadEndsAsync(cancellationToken);
        if (after < ends.Floor && limit > 0)
        {
            return Problems.Gone($"Events up to {ends.Floor} are no longer kept: begin with the state.");
        }
        await using var next = Command(database.Pooled, NextSql, after);
        await using var row = await next.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var items = entries.Select(entry => new SourceItem(entry.Position, entry.IsParked ? null : entry.Event, entry.Fault)).ToList();
        var changes = new SourceChanges(ends.Epoch, ends.Floor, ends.Head, row.IsDBNull(0) ? null : row.GetDateTime(0), items)
        {
            Published = row.IsDBNull(1) ? null : row.GetInt64(1),
        };
        return TypedResults.Json(changes, EventJson.Options);
    }

    /// <summary>One JSON value a line: what it is of, each resource, and last how many there were.</summary>
    private static async Task GetState(
        HttpResponse response,
        Feed feed,
        ReadCurrentState readState,
        NpgsqlDataSource database,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var unlimited = new NpgsqlCommand("SET LOCAL statement_timeout = 0", connection, snapshot); // as long as the reader takes
        await unlimited.ExecuteNonQueryAsync(cancellationToken);
        var ends = await Feed.ReadEndsAsync(snapshot, cancellationToken);
        response.ContentType = "application/x-ndjson";
        await WriteLineAsync(response, new StateHeader(ends.Epoch, ends.Head), cancellationToken);
        var count = 0L;
        await foreach (var resource in readState(snapshot, cancellationToken))
        {
            await WriteLineAsync(response, ToEvent(resource, feed.Source, ends), cancellationToken);
            count++;
        }
        await WriteLineAsync(response, new StateEnd(count), cancellationToken);
    }

    private static CloudEvent ToEvent(CurrentState resource, string source, FeedEnds ends) =>
        new(
            Guid.CreateVersion7(new DateTimeOffset(resource.Time)),
            source,
            resource.Type,
            resource.Subject,
            resource.Time,
            resource.Version.ToString(CultureInfo.InvariantCulture),
            ends.Head.ToString(CultureInfo.InvariantCulture),
            ends.Epoch,
            TraceParent: null,
            JsonSerializer.SerializeToElement(resource.Data, EventJson.Options)
        );

    private static async Task WriteLineAsync<T>(HttpResponse response, T value, CancellationToken cancellationToken)
    {
        await JsonSerializer.SerializeAsync(response.Body, value, EventJson.Options, cancellationToken);
        await response.Body.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }

    private static long ReadPosition(QueryInput query)
    {
        const string Name = "after";
        var text = query.Text(Name) ?? "0";
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            query.Faults.Add(Name, "must be a position: a whole number of 0 or more");
        }
        return position;
    }

    private static NpgsqlCommand Command(NpgsqlDataSource database, string sql, params ReadOnlySpan<object> values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
