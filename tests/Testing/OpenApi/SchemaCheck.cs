using System.Text.Json;

namespace BackendGuide.Testing.OpenApi;

/// <summary>
/// Checks values against schemas of a document: the keywords of JSON Schema 2020-12 that it uses, and no other. One that is not known here is an
/// error, not something to pass over.
/// </summary>
public sealed partial class SchemaCheck(ApiDescription document)
{
    /// <summary>A schema that is only meant where a request gives the named parameter.</summary>
    public const string OnlyWith = "x-only-with";

    /// <summary>For a text with one JSON value a line: what each of them is.</summary>
    public const string Lines = "x-lines";

    /// <summary>True for a list each of whose items is taken or rejected by itself: the answer's <c>rejected</c> has the <c>line</c> of those that are not taken.</summary>
    public const string JudgedAlone = "x-judged-alone";

    private const int MostFaults = 20;

    private static readonly HashSet<string> s_said =
    [
        "$ref",
        "default",
        "deprecated",
        "description",
        "discriminator",
        "examples",
        "title",
        JudgedAlone,
        Lines,
        OnlyWith,
    ];

    /// <summary>What is wrong with a value.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="value">The value.</param>
    /// <param name="isStrict">True where a property that no schema names is wrong.</param>
    /// <param name="given">The parameters that the request gave.</param>
    /// <returns>Each fault with its JSON path; none where all is well.</returns>
    public IReadOnlyList<string> Faults(JsonElement schema, JsonElement value, bool isStrict = false, IReadOnlySet<string>? given = null)
    {
        var faults = new List<string>();
        new Run(document, isStrict, given ?? new HashSet<string>(), faults).CheckValue(schema, value, "$");
        return faults;
    }

    /// <summary>The keywords of a schema, and of all in it, that are not known here.</summary>
    public static IEnumerable<string> UnknownKeywords(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!s_said.Contains(keyword.Name) && !s_keywords.ContainsKey(keyword.Name))
            {
                yield return keyword.Name;
            }
            foreach (var unknown in InnerSchemas(keyword).SelectMany(UnknownKeywords))
            {
                yield return unknown;
            }
        }
    }

    private static IEnumerable<JsonElement> InnerSchemas(JsonProperty keyword) =>
        keyword.Name switch
        {
            "properties" => keyword.Value.EnumerateObject().Select(property => property.Value),
            "oneOf" or "anyOf" or "allOf" => keyword.Value.EnumerateArray(),
            "items" or "additionalProperties" or "propertyNames" or "not" or Lines => [keyword.Value],
            _ => [],
        };

    /// <summary>What of an object was looked at: its properties by name, or all of them.</summary>
    private sealed class Seen
    {
        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public bool IsAll { get; set; } = true;

        public void Add(Seen other)
        {
            Names.UnionWith(other.Names);
            IsAll &= other.IsAll;
        }
    }

    private sealed partial class Run(ApiDescription document, bool isStrict, IReadOnlySet<string> given, List<string> faults)
    {
        /// <summary>Checks a value at its place, and that all of it is named somewhere.</summary>
        public void CheckValue(JsonElement schema, JsonElement value, string place)
        {
            var seen = Check(schema, value, place);
            if (!isStrict || seen.IsAll || value.ValueKind != JsonValueKind.Object)
            {
                return;
            }
            foreach (var property in value.EnumerateObject().Where(property => !seen.Names.Contains(property.Name)))
            {
                Add($"{place}.{property.Name}", "is not in the schema");
            }
        }

        private Seen Check(JsonElement schema, JsonElement value, string place)
        {
            var seen = new Seen();
            if (schema.ValueKind == JsonValueKind.True)
            {
                return seen;
            }
            if (schema.TryGetProperty("$ref", out var reference))
            {
                seen.Add(Check(document.Find(reference), value, place));
            }
            foreach (var keyword in schema.EnumerateObject())
            {
                if (s_keywords.TryGetValue(keyword.Name, out var check))
                {
                    check(this, schema, keyword.Value, value, place, seen);
                }
                else if (!s_said.Contains(keyword.Name))
                {
                    throw new InvalidOperationException($"The keyword {keyword.Name} is not known to these tests.");
                }
            }
            return seen;
        }

        private void Add(string place, string fault)
        {
            if (faults.Count < MostFaults)
            {
                faults.Add($"{place} {fault}");
            }
        }

        /// <summary>Tries a schema without telling.</summary>
        private (bool IsValid, Seen Seen, List<string> Faults) Try(JsonElement schema, JsonElement value, string place)
        {
            var found = new List<string>();
            var seen = new Run(document, isStrict, given, found).Check(schema, value, place);
            return (found.Count == 0, seen, found);
        }
    }
}
