using System.Globalization;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace BackendGuide.Eventing.Following;

/// <summary>
/// What the gateway hands on as the public feed: <c>/internal/feed?after=&amp;limit=</c>, and with <c>&amp;epoch=&amp;wait=</c> (seconds, at
/// most 5) only when there is something after it, or another epoch, or that time is over. And <c>/internal/positions</c>: where the service is, in
/// its own feed and in its copies.
/// </summary>
internal static class FeedEndpoints
{
    /// <summary>The media type of the lines of <see cref="FeedLines"/>.</summary>
    public const string MediaType = "application/x-backendguide-feed";

    private const int MostEvents = 1_000;
    private const int LongestWait = 5;

    public static void MapFeed(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/internal/feed", Get).RequireAuthorization(Scopes.Internal).ExcludeFromDescription();
        routes.MapGet("/internal/positions", GetPositions).RequireAuthorization(Scopes.Internal).ExcludeFromDescription();
    }

    // Where the service is, in its own feed and its copies: a cursor, as text.
    private static async Task<string> GetPositions(
        ServicePositions positions,
        EventingDatabase database,
        CancellationToken cancellationToken
    ) => (await positions.ReadAsync(database.Pooled, cancellationToken)).ToString();

    private static async Task<IResult> Get(HttpContext context, FeedLines lines, HeadWatch head, CancellationToken cancellationToken)
    {
        var faults = new Faults();
        var query = new QueryInput(context.Request, faults);
        var after = long.TryParse(query.Text("after") ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? position
            : -1;
        var limit = query.WholeNumber("limit", 0, MostEvents, MostEvents);
        var wait = query.WholeNumber("wait", 0, LongestWait, 0);
        var epoch = Guid.TryParse(query.Text("epoch") ?? Guid.Empty.ToString(), out var known) ? known : (Guid?)null;
        query.RefuseOthers();
        if (after < 0)
        {
            faults.Add("after", "must be a position: a whole number of 0 or more");
        }
        if (epoch is null)
        {
            faults.Add("epoch", "must be a UUID");
        }
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        if (wait > 0)
        {
            await head.WaitAsync(epoch!.Value, after, TimeSpan.FromSeconds(wait), cancellationToken);
        }
        context.Response.ContentType = MediaType;
        await lines.WriteAsync(after, limit, context.Response.BodyWriter, cancellationToken);
        return Results.Empty;
    }
}
