using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Eventing;

namespace BackendGuide.Contracts.Tests;

public sealed class EventDataTests
{
    public static TheoryData<string> Types => [.. Samples.ByType.Keys];

    [Fact]
    public void EventTypes_EachConstant_HasASampleAndAGoldenFile()
    {
        var constants = typeof(EventTypes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral)
            .Select(field => (string)field.GetRawConstantValue()!)
            .Order()
            .ToArray();

        Assert.NotEmpty(constants);
        Assert.Equal(constants, Samples.ByType.Keys.Order());
        Assert.Equal(constants.Append("envelope").Order(), GoldenFile.Names.Order());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void EventSchema_OfAnyType_IsThatOfItsData(string type)
    {
        var schema = EventTypes.Schemas[type];

        Assert.Equal(Samples.ByType[type].GetType(), schema.Data);
        Assert.True(schema.Version >= 1);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void EventData_Serialized_IsTheGoldenText(string type) =>
        Assert.Equal(GoldenFile.Read(type), GoldenFile.Serialize(Samples.ByType[type]));

    [Theory]
    [MemberData(nameof(Types))]
    public void EventData_OfTheGoldenText_IsReadBackWhole(string type)
    {
        var read = JsonSerializer.Deserialize(GoldenFile.Read(type), Samples.ByType[type].GetType(), EventJson.Options)!;

        Assert.Equal(GoldenFile.Read(type), GoldenFile.Serialize(read));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void EventData_WithPropertiesOfALaterVersion_IsReadAsBefore(string type)
    {
        var later = JsonNode.Parse(GoldenFile.Read(type))!;
        AddUnknownProperties(later);

        var read = JsonSerializer.Deserialize(later.ToJsonString(), Samples.ByType[type].GetType(), EventJson.Options)!;

        Assert.Equal(GoldenFile.Read(type), GoldenFile.Serialize(read));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void EventData_OfAnyType_HasSlugAndVersion(string type)
    {
        var data = JsonDocument.Parse(GoldenFile.Read(type)).RootElement;

        Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", data.GetProperty("slug").GetString());
        Assert.True(data.GetProperty("version").GetInt64() > 0);
    }

    // In every object of the tree: a later version may add anywhere.
    private static void AddUnknownProperties(JsonNode node)
    {
        if (node is JsonObject properties)
        {
            foreach (var child in properties.Select(property => property.Value).OfType<JsonNode>())
            {
                AddUnknownProperties(child);
            }
            properties.Insert(0, "addedLater", new JsonObject { ["nested"] = new JsonArray(1, "two", null) });
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items.OfType<JsonNode>())
            {
                AddUnknownProperties(item);
            }
        }
    }
}
