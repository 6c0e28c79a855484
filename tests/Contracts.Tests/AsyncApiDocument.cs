using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace BackendGuide.Contracts.Tests;

/// <summary>docs/asyncapi.yaml as JSON, with its references followed.</summary>
internal sealed class AsyncApiDocument
{
    private readonly JsonNode _root;

    private AsyncApiDocument(JsonNode root) => _root = root;

    public JsonObject Channels => _root["channels"]!.AsObject();

    public JsonObject Operations => _root["operations"]!.AsObject();

    public JsonObject Schemas => _root["components"]!["schemas"]!.AsObject();

    public static AsyncApiDocument Read()
    {
        var yaml = new YamlStream();
        // Anchors are merged by the parser; what is left is a tree.
        yaml.Load(new StringReader(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "asyncapi.yaml"))));
        return new AsyncApiDocument(ToJson(yaml.Documents[0].RootNode)!);
    }

    /// <summary>The node itself, or what its <c>$ref</c> points to.</summary>
    public JsonNode Follow(JsonNode node)
    {
        if (node is not JsonObject reference || reference["$ref"]?.GetValue<string>() is not { } pointer)
        {
            return node;
        }
        return Follow(
            pointer
                .Split('/')
                .Skip(1)
                .Aggregate(_root, (at, part) => at[part] ?? throw new InvalidDataException($"{pointer} leads nowhere"))
        );
    }

    private static JsonNode? ToJson(YamlNode node) =>
        node switch
        {
            YamlMappingNode map => new JsonObject(
                map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ToJson(pair.Value)))
            ),
            YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
            YamlScalarNode { Style: ScalarStyle.Plain } plain => ToValue(plain.Value!),
            YamlScalarNode text => JsonValue.Create(text.Value),
            _ => throw new InvalidDataException($"A {node.NodeType}"),
        };

    private static JsonNode? ToValue(string plain) =>
        plain is "null" or "" ? null
        : plain is "true" or "false" || double.TryParse(plain, out _) && plain != "1.0.0" ? JsonNode.Parse(plain)
        : JsonValue.Create(plain);
}
