using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BackendGuide.ContentService.Guides;

/// <summary>An operation of RFC 6902.</summary>
/// <param name="Op"><c>add</c>, <c>remove</c> or <c>replace</c>.</param>
/// <param name="Path">A JSON pointer (RFC 6901).</param>
/// <param name="Value">What is put there; left out where something is removed.</param>
internal sealed record PatchOperation(
    [property: AllowedValues("add", "remove", "replace")] string Op,
    string Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Value
);

/// <summary>How one JSON value becomes another.</summary>
internal static class JsonPatch
{
    /// <summary>Operations that, carried out in order, make <paramref name="to"/> of <paramref name="from"/>; none where they are equal.</summary>
    /// <remarks>
    /// What two lists have in common at the beginning and at the end stays, so that a section that comes or goes is one operation; what is between
    /// is compared in pairs. A shortest list of operations would cost the square of a list's length.
    /// </remarks>
    public static IReadOnlyList<PatchOperation> Between(JsonElement from, JsonElement to)
    {
        List<PatchOperation> operations = [];
        Compare(from, to, "", operations);
        return operations;
    }

    private static void Compare(JsonElement from, JsonElement to, string path, List<PatchOperation> operations)
    {
        if (from.ValueKind == JsonValueKind.Object && to.ValueKind == JsonValueKind.Object)
        {
            CompareObjects(from, to, path, operations);
        }
        else if (from.ValueKind == JsonValueKind.Array && to.ValueKind == JsonValueKind.Array)
        {
            CompareLists([.. from.EnumerateArray()], [.. to.EnumerateArray()], path, operations);
        }
        else if (!JsonElement.DeepEquals(from, to))
        {
            operations.Add(new PatchOperation("replace", path, to));
        }
    }

    private static void CompareObjects(JsonElement from, JsonElement to, string path, List<PatchOperation> operations)
    {
        foreach (var property in from.EnumerateObject())
        {
            var place = $"{path}/{Escape(property.Name)}";
            if (to.TryGetProperty(property.Name, out var other))
            {
                Compare(property.Value, other, place, operations);
            }
            else
            {
                operations.Add(new PatchOperation("remove", place, null));
            }
        }
        foreach (var property in to.EnumerateObject().Where(property => !from.TryGetProperty(property.Name, out _)))
        {
            operations.Add(new PatchOperation("add", $"{path}/{Escape(property.Name)}", property.Value));
        }
    }

    private static void CompareLists(
        ReadOnlySpan<JsonElement> from,
        ReadOnlySpan<JsonElement> to,
        string path,
        List<PatchOperation> operations
    )
    {
        var start = 0;
        while (start < from.Length && start < to.Length && JsonElement.DeepEquals(from[start], to[start]))
        {
            start++;
        }
        from = from[start..];
        to = to[start..];
        while (from.Length > 0 && to.Length > 0 && JsonElement.DeepEquals(from[^1], to[^1]))
        {
            from = from[..^1];
            to = to[..^1];
        }
        var pairs = Math.Min(from.Length, to.Length);
        for (var i = 0; i < pairs; i++)
        {
            Compare(from[i], to[i], Place(i), operations);
        }
        for (var i = from.Length - 1; i >= pairs; i--)
        {
            operations.Add(new PatchOperation("remove", Place(i), null)); // the last first, so that the others stay where they are
        }
        for (var i = pairs; i < to.Length; i++)
        {
            operations.Add(new PatchOperation("add", Place(i), to[i]));
        }

        string Place(int index) => string.Create(CultureInfo.InvariantCulture, $"{path}/{start + index}");
    }

    private static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
