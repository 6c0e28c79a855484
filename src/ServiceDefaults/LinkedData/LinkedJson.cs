using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace BackendGuide.ServiceDefaults.LinkedData;

/// <summary>Schema.org's terms as JSON-LD: what the documents of every service are written with.</summary>
public static class LinkedJson
{
    /// <summary>Whose words the documents use.</summary>
    public const string Context = "https://schema.org";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'";

    // Escapes the angle brackets, the ampersand and the line separators too: the document may stand inside a script element.
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>A thing with those of its properties that say something: null, an empty text and an empty list do not.</summary>
    /// <param name="type">One of schema.org's types, such as <c>TechArticle</c>.</param>
    /// <param name="properties">In the order in which they are written.</param>
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

    /// <summary>A whole document, UTF-8: the thing, in schema.org's words.</summary>
    /// <param name="thing">Gets the context, so it is of one document alone.</param>
    public static byte[] Document(JsonObject thing)
    {
        ArgumentNullException.ThrowIfNull(thing);
        thing.Insert(0, "@context", Context);
        return JsonSerializer.SerializeToUtf8Bytes(thing, s_options);
    }

    /// <summary>The values of a property that has several.</summary>
    public static JsonArray List(IEnumerable<JsonNode?> items) => [.. items];

    /// <summary>A time as schema.org's <c>DateTime</c>, in UTC with as many digits as there are, up to microseconds.</summary>
    public static string Time(DateTime time) => time.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static bool IsEmptyText(JsonNode value) =>
        value is JsonValue text && text.TryGetValue<string>(out var said) && said.Length == 0;
}
