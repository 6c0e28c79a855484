using System.Text.Json;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.OpenApi.Tests.Comparing;

/// <summary>
/// What of a newer document breaks a client that was made for an older one: what it sends must still be taken, and what it is given must still be of the
/// kind that it knows. What is only added breaks nobody.
/// </summary>
internal static class BreakingChanges
{
    private const string Required = "required";

    /// <summary>Each of them, with its place; none where every client may stay as it is.</summary>
    public static IReadOnlyList<string> Find(ApiDescription before, ApiDescription after)
    {
        var breaks = new List<string>();
        foreach (var operation in before.Operations)
        {
            var other = after.Operations.FirstOrDefault(it => it.Path == operation.Path && it.Method == operation.Method);
            if (other is null)
            {
                breaks.Add($"{operation} is gone");
                continue;
            }
            CompareIds(operation, other, breaks);
            CompareSecurity(operation, other, breaks);
            CompareParameters(operation, other, breaks);
            CompareBodies(operation, other, breaks);
            CompareResponses(operation, other, breaks);
        }
        return breaks;
    }

    private static void CompareIds(ApiOperation before, ApiOperation after, List<string> breaks)
    {
        if (before.Id != after.Id)
        {
            breaks.Add($"{before} is called {after.Id}, and was {before.Id}");
        }
    }

    // Who could do it before can do it now.
    private static void CompareSecurity(ApiOperation before, ApiOperation after, List<string> breaks)
    {
        var (had, has) = (Requirements(before), Requirements(after));
        if (had.Any(way => !has.Any(other => other.IsSubsetOf(way))))
        {
            breaks.Add($"{before} needs more of a token than it did");
        }
    }

    // Each way in as the scopes that it takes; for everybody, none.
    private static List<HashSet<string>> Requirements(ApiOperation operation)
    {
        var ways = operation
            .Element.GetProperty("security")
            .EnumerateArray()
            .Select(way =>
                way.EnumerateObject().SelectMany(scheme => scheme.Value.EnumerateArray().Select(scope => scope.GetString()!)).ToHashSet()
            )
            .ToList();
        return ways.Count == 0
            ?
            [
                [],
            ]
            : ways;
    }

    private static void CompareParameters(ApiOperation before, ApiOperation after, List<string> breaks)
    {
        var compare = new SchemaChanges(before.Document, after.Document, breaks);
        foreach (var parameter in before.Parameters)
        {
            var place = $"{before} {NameOf(parameter)}";
            if (
                after.Parameters.FirstOrDefault(other => NameOf(other) == NameOf(parameter))
                is not { ValueKind: JsonValueKind.Object } found
            )
            {
                breaks.Add($"{place} is gone");
                continue;
            }
            if (!IsTrue(parameter, Required) && IsTrue(found, Required))
            {
                breaks.Add($"{place} is required now");
            }
            compare.Taken(parameter.GetProperty("schema"), found.GetProperty("schema"), place);
        }
        foreach (
            var added in after.Parameters.Where(it => IsTrue(it, Required) && before.Parameters.All(other => NameOf(other) != NameOf(it)))
        )
        {
            breaks.Add($"{before} {NameOf(added)} is new and required");
        }
    }

    private static void CompareBodies(ApiOperation before, ApiOperation after, List<string> breaks)
    {
        var hasBody = after.Element.TryGetProperty("requestBody", out var body);
        if (!before.Element.TryGetProperty("requestBody", out var taken))
        {
            if (hasBody && IsTrue(body, Required))
            {
                breaks.Add($"{before} needs a body");
            }
            return;
        }
        if (!hasBody)
        {
            breaks.Add($"{before} takes no body any more");
            return;
        }
        if (!IsTrue(taken, Required) && IsTrue(body, Required))
        {
            breaks.Add($"{before} needs a body");
        }
        var compare = new SchemaChanges(before.Document, after.Document, breaks);
        CompareContents(before, taken, body, $"{before} body", compare.Taken, breaks);
    }

    private static void CompareResponses(ApiOperation before, ApiOperation after, List<string> breaks)
    {
        foreach (var status in before.Element.GetProperty("responses").EnumerateObject().Select(response => int.Parse(response.Name, null)))
        {
            var place = $"{before} {status}";
            var given = before.Response(status)!.Value;
            if (after.Response(status) is not { } other)
            {
                breaks.Add($"{place} is gone");
                continue;
            }
            var compare = new SchemaChanges(before.Document, after.Document, breaks);
            CompareContents(before, given, other, place, compare.Given, breaks);
            CompareHeaders(before, after, given, other, place, breaks);
        }
    }

    private static void CompareContents(
        ApiOperation operation,
        JsonElement before,
        JsonElement after,
        string place,
        Action<JsonElement, JsonElement, string> compare,
        List<string> breaks
    )
    {
        if (!operation.Document.Follow(before).TryGetProperty("content", out var contents))
        {
            return;
        }
        foreach (var content in contents.EnumerateObject())
        {
            if (ApiOperation.SchemaOf(after, content.Name) is { } schema)
            {
                compare(content.Value.GetProperty("schema"), schema, $"{place} {content.Name} $");
            }
            else
            {
                breaks.Add($"{place} {content.Name} is gone");
            }
        }
    }

    private static void CompareHeaders(
        ApiOperation before,
        ApiOperation after,
        JsonElement given,
        JsonElement other,
        string place,
        List<string> breaks
    )
    {
        if (!given.TryGetProperty("headers", out var headers))
        {
            return;
        }
        foreach (var header in headers.EnumerateObject().Where(header => IsTrue(before.Document.Follow(header.Value), Required)))
        {
            var isThere =
                other.TryGetProperty("headers", out var others)
                && others.TryGetProperty(header.Name, out var found)
                && IsTrue(after.Document.Follow(found), Required);
            if (!isThere)
            {
                breaks.Add($"{place} header {header.Name} is gone, or not always there");
            }
        }
    }

    private static string NameOf(JsonElement parameter) =>
        $"{parameter.GetProperty("in").GetString()} {parameter.GetProperty("name").GetString()}";

    private static bool IsTrue(JsonElement node, string name) =>
        node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
