using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>Writes bodies: the schema and the example of each media type.</summary>
internal sealed class ContentWriter(Components components, RecordSchemas records, InputSchemas inputs)
{
    public const string Selected = "Selected";

    /// <summary>What finishes the schemas of readers.</summary>
    public InputSchemas Inputs => inputs;

    /// <summary>Bodies by their media types.</summary>
    /// <param name="contents">What there is.</param>
    /// <param name="selector">The parameter by which a client chooses properties of it; null where there is none.</param>
    public JsonObject Write(IEnumerable<DescribedContent> contents, string? selector = null) =>
        new(contents.Select(content => KeyValuePair.Create(content.MediaType, (JsonNode?)Write(content, selector))));

    private JsonObject Write(DescribedContent content, string? selector)
    {
        var schema = content switch
        {
            { Schema: { } create } => inputs.Finish(create()),
            { Type: { } type } => selector is null ? records.Of(type, content.Options) : Selectable(type, content.Options, selector),
            _ => throw new InvalidOperationException($"{content.MediaType} has no schema."),
        };
        if (content.IsLines)
        {
            // OpenAPI 3.1 has no words for it.
            schema = new JsonObject
            {
                ["type"] = "string",
                ["description"] = "One JSON value a line.",
                [SchemaCheck.Lines] = schema,
            };
        }
        var written = new JsonObject { ["schema"] = schema };
        if (content.Example?.Invoke() is { } example)
        {
            written["example"] = example switch
            {
                string text => text,
                JsonNode node => node.DeepClone(),
                _ => JsonSerializer.SerializeToNode(example, example.GetType(), content.Schema is null ? content.Options : ApiJson.Options),
            };
        }
        return written;
    }

    // With `fields` an answer has what was asked for alone; without it, all.
    private JsonObject Selectable(Type type, JsonSerializerOptions options, string selector)
    {
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Page<>))
        {
            return Choice(type, options, selector);
        }
        var page = records.ObjectOf(options.GetTypeInfo(type));
        page["properties"]!["items"] = new JsonObject
        {
            ["type"] = "array",
            ["items"] = Choice(type.GetGenericArguments()[0], options, selector),
        };
        return components.Add($"{RecordSchemas.NameOf(type)}", type.FullName!, () => page);
    }

    private JsonObject Choice(Type type, JsonSerializerOptions options, string selector)
    {
        var whole = records.Of(type, options);
        var name = $"{Selected}{RecordSchemas.NameOf(type)}";
        var some = components.Add(name, name, () => Some(components.Follow(whole)));
        some[SchemaCheck.OnlyWith] = selector;
        return new JsonObject { ["anyOf"] = new JsonArray(whole, some) };
    }

    private static JsonObject Some(JsonObject whole)
    {
        var some = (JsonObject)whole.DeepClone();
        some.Remove("required");
        some["description"] = "The properties that `fields` names.";
        some["minProperties"] = 1;
        return some;
    }
}
