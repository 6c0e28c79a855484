using BackendGuide.ServiceDefaults.Documentation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace BackendGuide.Eventing.Following;

/// <summary>What the routes of a service promise about changes.</summary>
public static class ChangeCursorExtensions
{
    /// <summary>The header by which a write says where in the feed its change is.</summary>
    public const string ChangeCursorHeader = "Change-Cursor";

    /// <summary>The header by which a reader asks for an answer that is not older than a change.</summary>
    public const string AfterChangeHeader = "After-Change";

    /// <summary>Every accepted write of the group answers with a <c>Change-Cursor</c>, a repeated one too.</summary>
    public static RouteGroupBuilder WithChangeCursors(this RouteGroupBuilder group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.AddEndpointFilter<RouteGroupBuilder, ChangeCursorFilter>().WithMetadata(new GivesHeader(ChangeCursorHeader));
    }

    /// <summary>
    /// No read of the group with an <c>After-Change</c> is answered from before it, neither of what the service owns nor of its copies: it waits
    /// up to 2 s, then it is 503 with <c>Retry-After</c>. What is no cursor is 400.
    /// </summary>
    public static RouteGroupBuilder AfterChanges(this RouteGroupBuilder group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.AddEndpointFilter<RouteGroupBuilder, AfterChangeFilter>().WithMetadata(new ReadsHeader(AfterChangeHeader));
    }

    /// <summary>
    /// The answers of this route are made of the service's own rows alone, so that an <c>After-Change</c> need not wait for the copies.
    /// </summary>
    public static RouteHandlerBuilder OfOwnRowsAlone(this RouteHandlerBuilder route) => route.WithMetadata(OwnRowsAlone.Instance);
}

/// <summary>Marks a route whose answers are made of no copy.</summary>
internal sealed class OwnRowsAlone
{
    public static readonly OwnRowsAlone Instance = new();
}
