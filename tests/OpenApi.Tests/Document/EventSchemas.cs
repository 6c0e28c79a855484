using System.Text.Json.Nodes;
using BackendGuide.Contracts;
using BackendGuide.Eventing;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>Schemas of changes: the envelope of each type of event with its own data.</summary>
internal sealed class EventSchemas(Components components, RecordSchemas records)
{
    private const string Change = "Change";

    /// <summary>A reference to the schema of any change.</summary>
    public JsonObject Reference() => components.Add(Change, Change, Choice);

    private JsonObject Choice()
    {
        var (choice, mapping) = (new JsonArray(), new JsonObject());
        foreach (var (type, schema) in EventTypes.Schemas)
        {
            var reference = components.Add($"{schema.Data.Name}Change", type, () => Envelope(type, schema.Data));
            mapping[type] = reference["$ref"]!.GetValue<string>();
            choice.Add(reference);
        }
        return new JsonObject
        {
            ["description"] = "A committed change of public data, as a CloudEvent 1.0.",
            ["oneOf"] = choice,
            ["discriminator"] = new JsonObject { ["propertyName"] = "type", ["mapping"] = mapping },
        };
    }

    private JsonObject Envelope(string type, Type data)
    {
        var options = EventJson.Options;
        options.MakeReadOnly(populateMissingResolver: true);
        var envelope = records.ObjectOf(options.GetTypeInfo(typeof(CloudEvent)));
        var properties = envelope["properties"]!.AsObject();
        properties["specversion"] = new JsonObject { ["const"] = "1.0" };
        properties["datacontenttype"] = new JsonObject { ["const"] = "application/json" };
        properties["type"] = new JsonObject { ["const"] = type };
        properties["source"] = new JsonObject
        {
            ["description"] = "The service that owns the data.",
            ["enum"] = new JsonArray(EventSources.Content, EventSources.Career),
        };
        properties["data"] = records.Of(data, options);
        foreach (var digits in new[] { "sequence", "position" })
        {
            properties[digits]!["pattern"] = "^[0-9]+$";
        }
        envelope["description"] = $"A change of the type `{type}`.";
        // Null is written; what may be absent altogether, by the specification, is a trace.
        envelope["required"] = new JsonArray([
            .. properties.Select(property => property.Key).Where(name => name != "traceparent").Select(name => (JsonNode)name),
        ]);
        return envelope;
    }
}
