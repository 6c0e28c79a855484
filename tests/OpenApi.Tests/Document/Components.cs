using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults.Documentation;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>The schemas that have a name. One name is one schema: two records that share one are an error, not the last that came.</summary>
internal sealed class Components
{
    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);

    public Components()
    {
        foreach (var (name, schema) in CommonSchemas.All)
        {
            Add(name, name, schema);
        }
    }

    /// <summary>Each by its name.</summary>
    public IReadOnlyDictionary<string, JsonObject> Schemas => _schemas;

    /// <summary>The schema that a reference of this document leads to; another schema as it is.</summary>
    public JsonObject Follow(JsonObject schema) =>
        schema["$ref"] is { } reference ? _schemas[reference.GetValue<string>().Split('/')[^1]] : schema;

    /// <summary>Adds a schema where its name is new.</summary>
    /// <param name="name">The name.</param>
    /// <param name="owner">What it is made of: the same name is for the same alone.</param>
    /// <param name="create">Makes it; it may refer to itself.</param>
    /// <returns>A reference to it.</returns>
    public JsonObject Add(string name, string owner, Func<JsonObject> create)
    {
        if (_owners.TryAdd(name, owner))
        {
            _schemas[name] = []; // so that what refers to itself finds it
            _schemas[name] = create();
        }
        else if (_owners[name] != owner)
        {
            throw new InvalidOperationException(
                $"Both {_owners[name]} and {owner} would be the schema {name}: give one another name by [SchemaName(\"…\")], or by the name of its rule."
            );
        }
        return CommonSchemas.Ref(name);
    }

    /// <summary>All of them, for the document.</summary>
    public JsonObject ToJson() => new(_schemas.Select(it => KeyValuePair.Create(it.Key, (JsonNode?)it.Value.DeepClone())));
}
