using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>Conditions of a read.</summary>
public static class Conditions
{
    /// <summary>True where the client has the very bytes of this tag: 304.</summary>
    /// <remarks>
    /// RFC 9110, 13.1.2: weak comparison. If-Modified-Since is not looked at: updatedAt stays where a resolved part changes, so only the tag tells
    /// whether the client has these bytes.
    /// </remarks>
    /// <param name="request">Its <c>If-None-Match</c> counts.</param>
    /// <param name="eTag">Strong, with quotes.</param>
    public static bool IsKnown(HttpRequest request, string eTag)
    {
        ArgumentNullException.ThrowIfNull(request);
        var known = request.Headers.IfNoneMatch;
        if (known.Count == 0)
        {
            return false;
        }
        if (known.Count == 1 && known[0] == eTag)
        {
            return true; // what nearly all send
        }
        var tag = new EntityTagHeaderValue(eTag);
        return request
            .GetTypedHeaders()
            .IfNoneMatch.Any(one => one == EntityTagHeaderValue.Any || one.Compare(tag, useStrongComparison: false));
    }
}
