using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.Gateway.Changes;

/// <summary>The public feed: every committed change of public data, page by page or as it happens.</summary>
internal static class ChangeEndpoints
{
    private const string Path = "/api/v1/changes";
    private const string Partial = "Backendguide-Partial";
    private const string CursorGone = "The cursor is of another history, or from before what is kept; `detail` says how to begin anew.";
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    // With a filter most of what is read may not be wanted: then a page has fewer, and the next one goes on.
    private const int MostRead = 20_000;

    // Likewise where events are large.
    private const long MostBytes = 8 * 1024 * 1024;

    private static readonly TimeSpan s_mostWaited = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(25);

    public static void AddChanges(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FeedClient>();
        foreach (var service in Routing.ApiRoutes.Services)
        {
            builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<SourceFeed>(services, $"/{service}", service));
        }
        builder.Services.AddSingleton<IReadOnlyList<SourceFeed>>(services => [.. services.GetServices<SourceFeed>()]);
        builder.Services.AddSingleton<FeedFollowing>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FeedFollowing>());
        builder.Services.AddSingleton<ChangeStream>();
    }

    public static void MapChanges(this IEndpointRouteBuilder routes)
    {
        var changes = routes.MapGroup(Path).AllowAnonymous().WithTags("Changes");
        changes.MapGet("/", GetPage).Describe("listChanges", "List changes", DescribePage);
        changes.MapGet("/stream", GetStream).Describe("streamChanges", "Follow changes as they happen", DescribeStream);
    }

    private static void DescribePage(RouteDescription route) =>
        route
            .Detail(
                "Every committed change of public data once, the oldest first. `next` is where to go on, also later. A source that is away is left out of the page "
                    + "and named in `Backendguide-Partial`; nothing is lost."
            )
            .Query(ChangeQuery.Describe)
            .Query(query => query.WholeNumber("limit", 1, MaxLimit, DefaultLimit))
            .Header(ChangeCursorExtensions.AfterChangeHeader)
            .Gives<ChangeList>(200, "A page of them.")
            .With(HeaderNames.CacheControl, HeaderNames.Link, AnswerWriter.CacheStatusHeader)
            .Perhaps(Partial)
            .Refuses(410, CursorGone);

    private static void DescribeStream(RouteDescription route) =>
        route
            .Detail(
                "Server-sent events: `id` is the cursor, `event` the type, `data` the CloudEvent. Goes on after `Last-Event-ID`, or `after`, or begins at the start. A "
                    + "comment comes at least every 10 s."
            )
            .Query(ChangeQuery.Describe)
            .Header(ChangeQuery.LastEventId)
            .Header(ChangeCursorExtensions.AfterChangeHeader)
            .GivesText(200, "text/event-stream", "The changes, without an end.")
            .With(HeaderNames.CacheControl)
            .Refuses(410, CursorGone);

    private static async Task<IResult> GetPage(
        HttpRequest request,
        IReadOnlyList<SourceFeed> feeds,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var wanted = ChangeQuery.Read(query, request, isStream: false);
        var limit = query.WholeNumber("limit", 1, MaxLimit, DefaultLimit);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        try
        {
            var reader = new ChangeReader(feeds, wanted.After);
            if (!await HasAsync(reader, wanted.NotBefore, time, cancellationToken))
            {
                return Problems.Unavailable("What was asked for is not as new as the change yet.");
            }
            List<FeedEvent> items = [];
            var bytes = 0L;
            for (var read = 0; items.Count < limit && read < MostRead && bytes < MostBytes; read++)
            {
                if (await reader.NextAsync(cancellationToken) is not { } change)
                {
                    break;
                }
                if (wanted.Wants(change))
                {
                    items.Add(change);
                    bytes += change.Json.Length;
                }
            }
            if (reader.Away.ToList() is { Count: > 0 } away)
            {
                request.HttpContext.Response.Headers[Partial] = string.Join(", ", away);
            }
            return new ChangePage(items, reader.Cursor);
        }
        catch (CursorGoneException e)
        {
            return Gone(e);
        }
    }

    // As the services hold their own answers back: for 2 s, and then no longer.
    private static async Task<bool> HasAsync(
        ChangeReader reader,
        ChangeCursor notBefore,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var since = time.GetTimestamp();
        while (true)
        {
            await reader.RefreshAsync(cancellationToken);
            if (reader.Has(notBefore))
            {
                return true;
            }
            if (time.GetElapsedTime(since) >= s_mostWaited)
            {
                return false;
            }
            await Task.Delay(s_pause, time, cancellationToken);
        }
    }

    private static async Task<IResult> GetStream(HttpContext context, IReadOnlyList<SourceFeed> feeds, ChangeStream stream)
    {
        var faults = new Faults();
        var query = new QueryInput(context.Request, faults);
        var wanted = ChangeQuery.Read(query, context.Request, isStream: true);
        query.RefuseOthers();
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        try
        {
            var reader = new ChangeReader(feeds, wanted.After);
            await reader.RefreshAsync(context.RequestAborted);
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                return await stream.SendAsync(context, reader, wanted);
            }
            ChangeStream.SetHeaders(context.Response);
            return Results.Empty;
        }
        catch (CursorGoneException e)
        {
            return Gone(e);
        }
    }

    private static ProblemHttpResult Gone(CursorGoneException e) =>
        Problems.Gone($"{e.Message} Read what you need of the present state from the API, then begin anew without a cursor.");
}
