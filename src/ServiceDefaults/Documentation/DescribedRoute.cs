using Microsoft.AspNetCore.Builder;

namespace BackendGuide.ServiceDefaults.Documentation;

/// <summary>What a route is for, in the API's document. It is only asked when the document is made: a running service does nothing for it.</summary>
/// <param name="Id">The operation's id, unique in the API and never changed: clients are generated with it.</param>
/// <param name="Summary">What it does, in a few words.</param>
/// <param name="Say">Says the rest.</param>
public sealed record DescribedRoute(string Id, string Summary, Action<RouteDescription>? Say)
{
    /// <summary>All that is said of the route.</summary>
    internal RouteDescription Read()
    {
        var description = new RouteDescription();
        Say?.Invoke(description);
        return description;
    }
}

/// <summary>Describes routes beside where they are mapped.</summary>
public static class DescribedRouteExtensions
{
    /// <summary>Says what the document has to say of a route that its other metadata does not: see <c>docs/openapi.md</c>.</summary>
    /// <param name="route">The route.</param>
    /// <param name="id">The operation's id, such as <c>listGuides</c>.</param>
    /// <param name="summary">What it does, in a few words.</param>
    /// <param name="say">What it takes, gives and refuses.</param>
    /// <returns>The same route.</returns>
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder route,
        string id,
        string summary,
        Action<RouteDescription>? say = null
    ) => route.WithMetadata(new DescribedRoute(id, summary, say));
}
