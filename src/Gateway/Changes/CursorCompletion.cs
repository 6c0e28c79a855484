using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Routing;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace BackendGuide.Gateway.Changes;

/// <summary>
/// A service's <c>Change-Cursor</c> names its own feed alone. The gateway completes it with a place in the other's from before the write was
/// forwarded, so that who goes on from it misses nothing of either.
/// </summary>
internal sealed class CursorCompletion(IReadOnlyList<SourceFeed> feeds) : ITransformProvider
{
    private static readonly object s_known = new();

    public void Apply(TransformBuilderContext context)
    {
        if (!ApiRoutes.All.Any(route => route.Scope is not null && ProxyConfiguration.IdOf(route) == context.Route.RouteId))
        {
            return;
        }
        var others = feeds.Where(feed => feed.Service != context.Route.ClusterId).ToList();
        context.AddRequestTransform(async transform =>
            transform.HttpContext.Items[s_known] = await RecallAsync(others, transform.CancellationToken)
        );
        context.AddResponseTransform(Complete);
    }

    public void ValidateRoute(TransformRouteValidationContext context) { }

    public void ValidateCluster(TransformClusterValidationContext context) { }

    private static async Task<ChangeCursor> RecallAsync(IEnumerable<SourceFeed> others, CancellationToken cancellationToken)
    {
        var known = ChangeCursor.Start;
        foreach (var feed in others)
        {
            known = await feed.RecallAsync(cancellationToken) is { } position ? known.With(feed.Source, position) : known;
        }
        return known;
    }

    private static ValueTask Complete(ResponseTransformContext transform)
    {
        var headers = transform.HttpContext.Response.Headers;
        if (
            headers.TryGetValue(ChangeCursorExtensions.ChangeCursorHeader, out var text)
            && ChangeCursor.TryParse(text, out var cursor)
            && transform.HttpContext.Items[s_known] is ChangeCursor known
        )
        {
            foreach (var source in ChangeCursor.Sources)
            {
                cursor = cursor.Of(source) is null && known.Of(source) is { } position ? cursor.With(source, position) : cursor;
            }
            headers[ChangeCursorExtensions.ChangeCursorHeader] = cursor.ToString();
        }
        return ValueTask.CompletedTask;
    }
}
