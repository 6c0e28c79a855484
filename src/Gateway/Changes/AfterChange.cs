using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.Gateway.Changes;

/// <summary>The <c>After-Change</c> of a request that the gateway answers itself.</summary>
internal static class AfterChange
{
    private const string Rule = "is not a cursor that was given out here";

    /// <summary>
    /// The answers of this route are of the moment, and so from before nothing: all that there is to do is to refuse what is no cursor, with whatever
    /// else the route finds wrong with the query.
    /// </summary>
    public static TBuilder OfTheMoment<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder =>
        route
            .AddEndpointFilter(
                (context, next) =>
                {
                    var request = context.HttpContext.Request;
                    if (
                        request.Headers.TryGetValue(ChangeCursorExtensions.AfterChangeHeader, out var text)
                        && !ChangeCursor.TryParse(text.ToString(), out _)
                    )
                    {
                        context.HttpContext.Features.Set(new EarlierFault(ChangeCursorExtensions.AfterChangeHeader, Rule));
                    }
                    return next(context);
                }
            )
            .WithMetadata(new ReadsHeader(ChangeCursorExtensions.AfterChangeHeader));

    /// <summary>What the answer must not be from before; null where the request does not say. What is no cursor is a fault.</summary>
    public static ChangeCursor? Read(HttpRequest request, Faults faults)
    {
        if (!request.Headers.TryGetValue(ChangeCursorExtensions.AfterChangeHeader, out var text))
        {
            return null;
        }
        if (ChangeCursor.TryParse(text.ToString(), out var after))
        {
            return after;
        }
        faults.Add(ChangeCursorExtensions.AfterChangeHeader, Rule);
        return null;
    }
}
