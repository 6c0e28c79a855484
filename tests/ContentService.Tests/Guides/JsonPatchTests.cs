using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.ContentService.Guides;
using CsCheck;

namespace BackendGuide.ContentService.Tests.Guides;

public sealed class JsonPatchTests
{
    // Few of each, so that two values often have something in common; names that a pointer has to escape among them.
    private static readonly string[] s_someNames = ["a", "b", "c/d", "e~f", "~1", ""];
    private static readonly string[] s_somePlain = ["null", "true", "0", "1.5", "\"\"", "\"x\"", "[]", "{}"];
    private static readonly Gen<string> s_names = Gen.Int[0, s_someNames.Length - 1].Select(i => s_someNames[i]);
    private static readonly Gen<JsonNode?> s_plain = Gen.Int[0, s_somePlain.Length - 1].Select(i => JsonNode.Parse(s_somePlain[i]));

    private static readonly Gen<JsonNode?> s_values = Values(depth: 3);

    [Fact]
    public void Between_AnyTwoValues_GivesTheSecondWhenAppliedToTheFirst() =>
        Gen.Select(s_values, s_values)
            .Sample(
                (from, to) =>
                {
                    var operations = JsonPatch.Between(ToElement(from), ToElement(to));
                    var applied = operations.Aggregate(from?.DeepClone(), Apply);
                    return JsonNode.DeepEquals(applied, to) && operations.Count == 0 == JsonNode.DeepEquals(from, to);
                },
                iter: 20_000
            );

    [Fact]
    public void Between_AListAndOneWithAnItemInItsMiddle_IsOneOperation()
    {
        var operations = JsonPatch.Between(ToElement(new JsonArray(1, 2, 3)), ToElement(new JsonArray(1, 2, 9, 3)));

        Assert.Equal(("add", "/2"), (Assert.Single(operations).Op, operations[0].Path));
    }

    private static Gen<JsonNode?> Values(int depth) =>
        depth == 0
            ? s_plain
            : Gen.OneOf(
                s_plain,
                Values(depth - 1).Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
                Gen.Select(s_names, Values(depth - 1))
                    .Array[0, 4]
                    .Select(properties =>
                        (JsonNode?)
                            new JsonObject(
                                properties.DistinctBy(it => it.Item1).Select(it => KeyValuePair.Create(it.Item1, it.Item2?.DeepClone()))
                            )
                    )
            );

    private static JsonElement ToElement(JsonNode? node) => JsonSerializer.SerializeToElement(node);

    // RFC 6902 as its clients do it, and as strictly.
    private static JsonNode? Apply(JsonNode? document, PatchOperation operation)
    {
        var value = operation.Value is { } element ? JsonSerializer.Deserialize<JsonNode?>(element) : null;
        if (operation.Path.Length == 0)
        {
            Assert.Equal("replace", operation.Op);
            return value;
        }
        var keys = operation.Path[1..].Split('/').Select(key => key.Replace("~1", "/").Replace("~0", "~")).ToList();
        var parent = keys[..^1].Aggregate(document, (node, key) => node is JsonArray list ? list[int.Parse(key)] : node!.AsObject()[key]);
        if (parent is JsonArray items)
        {
            var index = int.Parse(keys[^1]);
            Assert.InRange(index, 0, operation.Op == "add" ? items.Count : items.Count - 1);
            if (operation.Op != "add")
            {
                items.RemoveAt(index);
            }
            if (operation.Op != "remove")
            {
                items.Insert(index, value);
            }
            return document;
        }
        var properties = parent!.AsObject();
        Assert.Equal(operation.Op != "add", properties.ContainsKey(keys[^1]));
        properties.Remove(keys[^1]);
        if (operation.Op != "remove")
        {
            properties.Add(keys[^1], value);
        }
        return document;
    }
}
