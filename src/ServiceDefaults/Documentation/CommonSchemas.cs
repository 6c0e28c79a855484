using System.Text.Json.Nodes;

namespace BackendGuide.ServiceDefaults.Documentation;

/// <summary>Schemas of values that are the same everywhere in the API.</summary>
internal static class CommonSchemas
{
    public const string Slug = "Slug";
    public const string Text = "Text";
    public const string Time = "Time";

    /// <summary>PostgreSQL keeps no U+0000, so that no text may have it.</summary>
    public const string NoNull = @"^[^\u0000]*$";

    private const string NotBlank = @"^[^\u0000]*[^\s\u0000][^\u0000]*$";

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyDictionary<string, Func<JsonObject>> All { get; } =
        new Dictionary<string, Func<JsonObject>>
        {
            [Slug] = () =>
                new JsonObject
                {
                    ["type"] = "string",
                    ["description"] = "Names a resource: lower-case letters and digits in words joined by hyphens.",
                    ["pattern"] = Validation.Slug.Form,
                    ["minLength"] = 1,
                    ["maxLength"] = Validation.Slug.MaxLength,
                    ["examples"] = new JsonArray("what-is-backend-development"),
                },
            [Text] = () =>
                new JsonObject
                {
                    ["type"] = "string",
                    ["description"] = "Not blank, and without U+0000 or half a surrogate pair.",
                    ["minLength"] = 1,
                    ["pattern"] = NotBlank,
                },
            [Time] = () =>
                new JsonObject
                {
                    ["type"] = "string",
                    ["description"] = "RFC 3339 in UTC, with up to microseconds.",
                    ["format"] = "date-time",
                    ["pattern"] = @"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$",
                    ["examples"] = new JsonArray("2026-11-22T08:00:00Z"),
                },
        };

    /// <summary>A reference to one of them, or to any other schema.</summary>
    public static JsonObject Ref(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    /// <summary>Puts what a rule says into a schema.</summary>
    public static void Apply(this ValueRule rule, JsonObject schema)
    {
        Set("description", rule.Description);
        Set("format", rule.Format);
        Set("pattern", rule.Pattern);
        Set("default", rule.Default);
        Set("maxLength", rule.MaxLength);
        if (rule.Words is { } words)
        {
            schema["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]);
        }
        if (rule.Name is { } name)
        {
            schema[SchemaMarks.Name] = name;
        }

        void Set(string keyword, JsonNode? value)
        {
            if (value is not null)
            {
                schema[keyword] = value;
            }
        }
    }
}

/// <summary>Keywords of schemas that JSON Schema has not. But for the last one whoever makes the document takes them out.</summary>
internal static class SchemaMarks
{
    /// <summary>The name that the schema is to have among the components.</summary>
    public const string Name = "x-name";

    /// <summary>The full name of the record that the object is read into.</summary>
    public const string Record = "x-record";

    /// <summary>True for a list each of whose items is taken or rejected by itself: the answer's <c>rejected</c> has the <c>line</c> of those that are not taken.</summary>
    public const string JudgedAlone = "x-judged-alone";
}
