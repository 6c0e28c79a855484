using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.Gateway.Changes;

/// <summary>What a reader of changes asks for.</summary>
/// <param name="After">Where to go on.</param>
/// <param name="Types">Which types; null for all.</param>
/// <param name="NotBefore">What the answer must not be older than.</param>
internal sealed record ChangeQuery(ChangeCursor After, IReadOnlySet<string>? Types, ChangeCursor NotBefore)
{
    public const string LastEventId = "Last-Event-ID";

    public bool Wants(FeedEvent change) => Types is null || Types.Contains(change.Type);

    /// <summary>Reads <c>after</c> and <c>type</c>; a stream's <c>Last-Event-ID</c> is where it was, and counts before what it began with.</summary>
    public static ChangeQuery Read(QueryInput query, HttpRequest request, bool isStream)
    {
        var after = ReadAfter(query);
        if (isStream && request.Headers.TryGetValue(LastEventId, out var last) && last.ToString() is { Length: > 0 } id)
        {
            after = ReadCursor(id, LastEventId, query.Faults);
        }
        const string AfterChange = ChangeCursorExtensions.AfterChangeHeader;
        var notBefore = request.Headers.TryGetValue(AfterChange, out var header)
            ? ReadCursor(header.ToString(), AfterChange, query.Faults)
            : ChangeCursor.Start;
        return new ChangeQuery(after, ReadTypes(query), notBefore);
    }

    /// <summary>Says of a described query what is asked of it.</summary>
    public static void Describe(QueryInput query)
    {
        ReadAfter(query);
        ReadTypes(query);
    }

    private static ChangeCursor ReadAfter(QueryInput query)
    {
        var text = query.Text("after");
        query.Say(
            "after",
            new ValueRule
            {
                Name = "Cursor",
                Pattern = "^[A-Za-z0-9_-]+$",
                Description = "A cursor that was given out: opaque.",
            }
        );
        return ReadCursor(text, "after", query.Faults);
    }

    private static ChangeCursor ReadCursor(string? text, string name, Faults faults)
    {
        if (text is null)
        {
            return ChangeCursor.Start;
        }
        if (ChangeCursor.TryParse(text, out var cursor))
        {
            return cursor;
        }
        faults.Add(name, "is not a cursor that was given out here");
        return ChangeCursor.Start;
    }

    private static HashSet<string>? ReadTypes(QueryInput query)
    {
        var given = query.Text("type");
        query.Say(
            "type",
            new ValueRule
            {
                Words = [.. EventTypes.Schemas.Keys],
                IsList = true,
                Description = "These types alone.",
            }
        );
        if (given is not { } text)
        {
            return null;
        }
        var types = text.Split(',').ToHashSet(StringComparer.Ordinal);
        foreach (var unknown in types.Where(type => !EventTypes.Schemas.ContainsKey(type)))
        {
            query.Faults.Add("type", $"'{unknown}' is not one of {string.Join(", ", EventTypes.Schemas.Keys)}");
        }
        return types;
    }
}
