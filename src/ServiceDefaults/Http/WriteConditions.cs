using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>
/// What must be true of a resource for a write to be carried out: <c>If-Match</c> and <c>If-None-Match</c> (RFC 9110, 13.1). Of a tag only the
/// version counts, which is the part before its first hyphen: an editor need not know in which form, or with which resolved parts, it was read.
/// </summary>
public sealed class WriteConditions
{
    private readonly List<EntityTagHeaderValue>? _match;
    private readonly List<EntityTagHeaderValue>? _noneMatch;

    private WriteConditions(List<EntityTagHeaderValue>? match, List<EntityTagHeaderValue>? noneMatch) =>
        (_match, _noneMatch) = (match, noneMatch);

    /// <summary>Reads the conditions of a request; a header that has no tags is a fault.</summary>
    public static WriteConditions Read(HttpRequest request, Faults faults)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(faults);
        return new WriteConditions(Read(request, HeaderNames.IfMatch, faults), Read(request, HeaderNames.IfNoneMatch, faults));
    }

    /// <summary>True where the write may be carried out; else it is 412. To be asked under the lock of what is written.</summary>
    /// <param name="versions">What tags of the resource as it is begin with; none where it does not exist.</param>
    public bool Hold(params ReadOnlySpan<string> versions)
    {
        // If-Match compares strongly, and a weak tag is never equal to anything then.
        return (_match is null || IsAnyOf(_match, versions, weakly: false))
            && (_noneMatch is null || !IsAnyOf(_noneMatch, versions, weakly: true));
    }

    private static bool IsAnyOf(List<EntityTagHeaderValue> tags, ReadOnlySpan<string> versions, bool weakly)
    {
        foreach (var version in versions)
        {
            foreach (var tag in tags)
            {
                if (tag == EntityTagHeaderValue.Any || ((weakly || !tag.IsWeak) && VersionOf(tag) == version))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private static string VersionOf(EntityTagHeaderValue tag) => tag.Tag.ToString().Trim('"').Split('-')[0];

    private static List<EntityTagHeaderValue>? Read(HttpRequest request, string name, Faults faults)
    {
        if (!request.Headers.TryGetValue(name, out var values))
        {
            return null;
        }
        if (EntityTagHeaderValue.TryParseStrictList(values.OfType<string>().ToList(), out var tags) && tags.Count > 0)
        {
            return [.. tags];
        }
        faults.Add(name, "must be * or a list of entity tags in double quotes");
        return null;
    }
}
