using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BackendGuide.Testing.LinkedData;

/// <summary>Schema.org's types and properties as far as they are used here, and what a document does against them.</summary>
public sealed partial record SchemaTerms(
    IReadOnlyDictionary<string, string[]> Types,
    IReadOnlyDictionary<string, SchemaProperty> Properties
)
{
    public static SchemaTerms Read()
    {
        using var file = typeof(SchemaTerms).Assembly.GetManifestResourceStream("schema-terms.json")!;
        return JsonSerializer.Deserialize<SchemaTerms>(file, JsonSerializerOptions.Web)!;
    }

    /// <summary>What is wrong with a document: each fault with its path.</summary>
    public IReadOnlyList<string> FaultsOf(JsonElement document)
    {
        var context = document.TryGetProperty("@context", out var said) ? said.GetString() : null;
        var faults = context == "https://schema.org" ? [] : new List<string> { $"$: its context is {context}" };
        faults.AddRange(FaultsOfThing(document, "$"));
        return faults;
    }

    private IEnumerable<string> FaultsOfThing(JsonElement thing, string path)
    {
        if (!thing.TryGetProperty("@type", out var said) || said.GetString() is not { } type || !Types.ContainsKey(type))
        {
            return [$"{path}: no type, or one that schema.org lacks"];
        }
        return thing
            .EnumerateObject()
            .SelectMany(property => FaultsOfProperty(type, property.Name, property.Value, $"{path}.{property.Name}"));
    }

    private IEnumerable<string> FaultsOfProperty(string type, string name, JsonElement value, string path)
    {
        if (name is "@context" or "@type")
        {
            return [];
        }
        if (name == "@id")
        {
            return IsUrl(value) ? [] : [$"{path}: no absolute address"];
        }
        if (!Properties.TryGetValue(name, out var property))
        {
            return [$"{path}: no property of schema.org"];
        }
        if (!property.Domain.Any(domain => IsA(type, domain)))
        {
            return [$"{path}: not for {type}"];
        }
        return value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().SelectMany((item, i) => FaultsOfValue(property, item, $"{path}[{i}]"))
            : FaultsOfValue(property, value, path);
    }

    private IEnumerable<string> FaultsOfValue(SchemaProperty property, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return property.Range.Any(range => IsOf(range, value))
                ? []
                : [$"{path}: {value} is none of {string.Join(", ", property.Range)}"];
        }
        var type = value.TryGetProperty("@type", out var said) ? said.GetString() ?? "" : "";
        var isWrong = Types.ContainsKey(type) && !property.Range.Any(range => IsA(type, range));
        return isWrong ? [$"{path}: {type} is none of {string.Join(", ", property.Range)}"] : FaultsOfThing(value, path);
    }

    private static bool IsOf(string dataType, JsonElement value) =>
        (dataType, value.ValueKind) switch
        {
            ("Text", JsonValueKind.String) => true,
            ("URL", JsonValueKind.String) => IsUrl(value),
            ("Date" or "DateTime", JsonValueKind.String) => IsTime(value.GetString()!),
            ("Duration", JsonValueKind.String) => Iso8601Duration.IsMatch(value.GetString()!),
            ("Number", JsonValueKind.Number) => true,
            ("Integer", JsonValueKind.Number) => value.TryGetInt64(out _),
            _ => false,
        };

    private static bool IsTime(string text) =>
        DateTimeOffset.TryParseExact(
            text,
            ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out _
        );

    private static bool IsUrl(JsonElement value) =>
        value.ValueKind == JsonValueKind.String
        && Uri.TryCreate(value.GetString(), UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https";

    [GeneratedRegex(@"^P(?=[0-9T])(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=[0-9])(\d+H)?(\d+M)?(\d+S)?)?\z")]
    private static partial Regex Iso8601Duration { get; }

    private bool IsA(string type, string wanted) =>
        type == wanted || (Types.TryGetValue(type, out var parents) && parents.Any(parent => IsA(parent, wanted)));
}

public sealed record SchemaProperty(string[] Domain, string[] Range);
