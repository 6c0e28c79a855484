using System.Reflection;
using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults.Documentation;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>
/// Finishes the schemas that readers of bodies and queries gave: each object that is read into a record becomes a component, named after the record and
/// told of by its comments.
/// </summary>
internal sealed class InputSchemas(Components components, RecordComments comments, IReadOnlyList<Assembly> assemblies)
{
    private const string Suffix = "Input";
    private const string Body = "Body";

    /// <summary>The finished schema: a reference, where it has a name.</summary>
    public JsonObject Finish(JsonObject schema)
    {
        var name = Take(schema, SchemaMarks.Name);
        var record = Take(schema, SchemaMarks.Record) is { } full ? Find(full) : null;
        name ??= record is null ? null : NameOf(record);
        FinishInner(schema, record);
        return name is null ? schema : components.Add(name, $"the input {schema.ToJsonString()}", () => schema);
    }

    private void FinishInner(JsonObject schema, Type? record)
    {
        if (schema["properties"] is JsonObject properties)
        {
            foreach (var (name, property) in properties.ToList())
            {
                properties[name] = Finish(Detached(property!.AsObject()));
                if (record is not null && comments.PropertyOf(record, name) is { } comment)
                {
                    properties[name]!["description"] ??= comment;
                }
            }
        }
        if (schema["items"] is JsonObject items)
        {
            schema["items"] = Finish(Detached(items));
        }
        if (schema["oneOf"] is JsonArray choice)
        {
            FinishChoice(schema, choice);
        }
        if (record is not null && comments.SummaryOf(record) is { } summary)
        {
            schema["description"] ??= summary;
        }
    }

    private void FinishChoice(JsonObject schema, JsonArray choice)
    {
        for (var i = 0; i < choice.Count; i++)
        {
            choice[i] = Finish(Detached(choice[i]!.AsObject()));
        }
        if (schema["discriminator"] is not JsonObject discriminator)
        {
            return;
        }
        var property = discriminator["propertyName"]!.GetValue<string>();
        discriminator["mapping"] = new JsonObject(
            choice.Select(one =>
                KeyValuePair.Create(
                    components.Follow(one!.AsObject())["properties"]![property]!["const"]!.GetValue<string>(),
                    (JsonNode?)one["$ref"]!.GetValue<string>()
                )
            )
        );
    }

    private Type? Find(string fullName) =>
        assemblies.Select(assembly => assembly.GetType(fullName)).FirstOrDefault(type => type is not null);

    private static string NameOf(Type record)
    {
        var name = RecordSchemas.NameOf(record);
        return (name.EndsWith(Body, StringComparison.Ordinal) ? name[..^Body.Length] : name) + Suffix;
    }

    private static string? Take(JsonObject schema, string mark)
    {
        var value = schema[mark]?.GetValue<string>();
        schema.Remove(mark);
        return value;
    }

    private static JsonObject Detached(JsonObject schema) => (JsonObject)schema.DeepClone();
}
