using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults.Documentation;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>
/// What can be written is what can be read: a property of an answer has the limits that the property of the same name has in the body that it is
/// written by.
/// </summary>
internal sealed class Limits(Components components)
{
    private static readonly string[] s_keywords =
    [
        "enum",
        "format",
        "maximum",
        "maxItems",
        "maxLength",
        "minimum",
        "pattern",
        "uniqueItems",
    ];

    private readonly HashSet<(JsonObject, JsonObject)> _done = [];

    /// <summary>Puts the limits of an input into an output.</summary>
    public void Copy(JsonObject input, JsonObject output)
    {
        var (from, to) = (WithoutNull(input), WithoutNull(output));
        if (!_done.Add((from, to)))
        {
            return;
        }
        CopyOwn(from, to);
        foreach (var (name, property) in from["properties"]?.AsObject() ?? [])
        {
            if (to["properties"]?[name] is JsonObject other)
            {
                CopyProperty(property!.AsObject(), other, to["properties"]!.AsObject(), name);
            }
        }
        if (from["items"] is JsonObject items && to["items"] is JsonObject others)
        {
            CopyProperty(items, others, to, "items");
        }
        foreach (var (one, other) in Kinds(from).Join(Kinds(to), kind => kind.Name, kind => kind.Name, (a, b) => (a.Schema, b.Schema)))
        {
            Copy(one, other);
        }
    }

    private void CopyProperty(JsonObject input, JsonObject output, JsonObject parent, string name)
    {
        if (IsRef(input, CommonSchemas.Slug) && output["type"]?.ToString() == "string")
        {
            var slug = CommonSchemas.Ref(CommonSchemas.Slug);
            if (output["description"] is { } description)
            {
                slug["description"] = description.DeepClone();
            }
            parent[name] = slug;
            return;
        }
        // What stands beside a reference is this property's; what the reference leads to, others have too.
        CopyOwn(input, output);
        if (!IsRef(input, CommonSchemas.Text))
        {
            Copy(input, output);
        }
    }

    private void CopyOwn(JsonObject input, JsonObject output)
    {
        if (output["$ref"] is not null || KindOf(components.Follow(input)) != KindOf(output))
        {
            return;
        }
        foreach (var keyword in s_keywords)
        {
            if (input[keyword] is { } limit && !output.ContainsKey(keyword) && limit.ToString() != CommonSchemas.NoNull)
            {
                output[keyword] = limit.DeepClone();
            }
        }
    }

    private static bool IsRef(JsonObject schema, string name) => schema["$ref"]?.ToString() == CommonSchemas.Ref(name)["$ref"]!.ToString();

    // Its type, whether it may be null or not.
    private static string? KindOf(JsonObject schema) =>
        schema["type"] is JsonArray types ? types[0]!.ToString() : schema["type"]?.ToString();

    private JsonObject WithoutNull(JsonObject schema)
    {
        schema = components.Follow(schema);
        return schema["oneOf"] is JsonArray { Count: 2 } choice && choice[1]?["type"]?.ToString() == "null"
            ? components.Follow(choice[0]!.AsObject())
            : schema;
    }

    private IEnumerable<(string Name, JsonObject Schema)> Kinds(JsonObject schema) =>
        schema["discriminator"]?["propertyName"]?.ToString() is { } property
            ? schema["oneOf"]!
                .AsArray()
                .Select(one => components.Follow(one!.AsObject()))
                .Select(kind => (kind["properties"]![property]!["const"]!.ToString(), kind))
            : [];
}
