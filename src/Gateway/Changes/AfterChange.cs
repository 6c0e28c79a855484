using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.Gateway.Changes;

/// <summary>The <c>After-Change</c> of a request that the gateway answers itself.</summary>
internal static class AfterChange
{
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
        faults.Add(ChangeCursorExtensions.AfterChangeHeader, "is not a cursor that was given out here");
        return null;
    }
}
