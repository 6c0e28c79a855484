using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace BackendGuide.ContentService.LinkedData;

/// <summary>Schema.org's terms as JSON-LD.</summary>
internal static class LinkedJson
{
    public const string Context = "https://schema.org";

    // Escapes the angle brackets, the ampersand and the line separators too: the document may stand inside a script element.
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>A thing with those of its properties that say something: null, an empty text and an empty list do not.</summary>
    public static JsonObject Thing(string type, params ReadOnlySpan<(string Name, JsonNode? Value)> properties)
    {
        var thing = new JsonObject { ["@type"] = type };
        foreach (var (name, value) in properties)
        {
            if (value is not null and not JsonArray { Count: 0 } && !IsEmptyText(value))
            {
                thing[name] = value;
            }
        }
        return thing;
    }

    /// <summary>A whole document: the thing, in schema.org's words.</summary>
    public static byte[] Document(JsonObject thing)
    {
        thing.Insert(0, "@context", Context);
        return JsonSerializer.SerializeToUtf8Bytes(thing, s_options);
    }

    public static JsonArray List(IEnumerable<JsonNode?> items) => [.. items];

    private static bool IsEmptyText(JsonNode value) =>
        value is JsonValue text && text.TryGetValue<string>(out var said) && said.Length == 0;
}
