using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Bus;

namespace BackendGuide.Contracts.Tests;

/// <summary>Holds docs/asyncapi.yaml to the code: what a stranger reads there is what is on the bus.</summary>
public sealed class AsyncApiTests
{
    private static readonly AsyncApiDocument s_document = AsyncApiDocument.Read();

    public static TheoryData<string> Types => [.. EventTypes.Schemas.Keys];

    [Fact]
    public void Channels_OfTheDocument_AreTheEventTypesOnTheOneExchange()
    {
        Assert.Equal(
            EventTypes.Schemas.Keys.Order(),
            s_document.Channels.Select(channel => channel.Value!["address"]!.GetValue<string>()).Order()
        );
        Assert.All(
            s_document.Channels,
            channel =>
            {
                var exchange = channel.Value!["bindings"]!["amqp"]!["exchange"]!;
                Assert.Equal(BusTopology.EventsExchange, exchange["name"]!.GetValue<string>());
                Assert.Equal("topic", exchange["type"]!.GetValue<string>());
                Assert.True(exchange["durable"]!.GetValue<bool>());
            }
        );
        Assert.Equal(
            s_document.Channels.Select(channel => $"#/channels/{channel.Key}").Order(),
            s_document.Operations.Select(operation => operation.Value!["channel"]!["$ref"]!.GetValue<string>()).Order()
        );
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Message_OfAnyType_SpeaksOfItsOwnRecord(string type)
    {
        var message = MessageOf(type);
        var payload = message["payload"]!["allOf"]!.AsArray();

        Assert.Equal(new CloudEventSerializer(1).ContentType.MediaType, message["contentType"]!.GetValue<string>());
        Assert.Equal("#/components/schemas/CloudEvent", payload[0]!["$ref"]!.GetValue<string>());
        Assert.Equal(type, payload[1]!["properties"]!["type"]!["const"]!.GetValue<string>());
        Assert.Equal(
            $"#/components/schemas/{EventTypes.Schemas[type].Data.Name}",
            payload[1]!["properties"]!["data"]!["$ref"]!.GetValue<string>()
        );
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Schema_OfAnyType_HasTheRecordsPropertiesAndNoOthers(string type) =>
        AssertSame(EventTypes.Schemas[type].Data, s_document.Schemas[EventTypes.Schemas[type].Data.Name]!);

    [Fact]
    public void Schema_OfTheEnvelope_HasTheRecordsPropertiesAndNoOthers() =>
        AssertSame(typeof(CloudEvent), s_document.Schemas["CloudEvent"]!);

    [Theory]
    [MemberData(nameof(Types))]
    public void Example_OfAnyType_IsTheGoldenDataInAnEventThatTheSchemaAllows(string type)
    {
        var example = MessageOf(type)["examples"]![0]!["payload"]!;

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(GoldenFile.Read(type)), example["data"]));
        var read = example.Deserialize<CloudEvent>(EventJson.Options)!;
        Assert.Equal(type, read.Type);
        Assert.True(JsonNode.DeepEquals(JsonSerializer.SerializeToNode(read, EventJson.Options), example));
        foreach (var schema in MessageOf(type)["payload"]!["allOf"]!.AsArray())
        {
            Assert.Empty(Faults(schema!, example, "$"));
        }
    }

    [Theory]
    [InlineData("""{"slug":"Not A Slug","version":1,"title":"t","withdrawnAt":"2026-11-23T09:15:42Z"}""")]
    [InlineData("""{"slug":"a","version":0,"title":"t","withdrawnAt":"2026-11-23T09:15:42Z"}""")]
    [InlineData("""{"slug":"a","version":1,"title":null,"withdrawnAt":"2026-11-23T09:15:42Z"}""")]
    [InlineData("""{"slug":"a","version":1,"withdrawnAt":"2026-11-23T09:15:42Z"}""")]
    public void Check_OfWrongData_FindsTheFault(string data) =>
        Assert.NotEmpty(Faults(s_document.Schemas[nameof(CareerWithdrawn)]!, JsonNode.Parse(data), "$"));

    private static JsonNode MessageOf(string type)
    {
        var channel = s_document.Channels.Single(channel => channel.Value!["address"]!.GetValue<string>() == type).Value!;
        return s_document.Follow(channel["messages"]!.AsObject().Single().Value!);
    }

    private static void AssertSame(Type record, JsonNode schema)
    {
        var nullability = new NullabilityInfoContext();
        var properties = record.GetProperties().ToDictionary(property => EventJsonName(property));
        Assert.Equal(properties.Keys.Order(), schema["properties"]!.AsObject().Select(property => property.Key).Order());
        // Null is written, so only what may be absent altogether is not required: a trace, by the specification.
        Assert.Equal(
            properties.Keys.Where(name => name != "traceparent").Order(),
            schema["required"]!.AsArray().Select(name => name!.GetValue<string>()).Order()
        );
        foreach (var (name, property) in properties)
        {
            var isNullable =
                Nullable.GetUnderlyingType(property.PropertyType) is not null
                || nullability.Create(property).ReadState == NullabilityState.Nullable;
            AssertSame(property.PropertyType, isNullable, schema["properties"]![name]!, $"{record.Name}.{name}");
        }
    }

    private static void AssertSame(Type type, bool isNullable, JsonNode node, string place)
    {
        var schema = s_document.Follow(node);
        if (schema["oneOf"] is JsonArray choice)
        {
            Assert.True(isNullable, place);
            Assert.Equal("null", choice[1]!["type"]!.GetValue<string>());
            AssertSame(type, isNullable: false, choice[0]!, place);
            return;
        }
        string[] types = schema["type"] is JsonArray several
            ? [.. several.Select(one => one!.GetValue<string>())]
            : [schema["type"]!.GetValue<string>()];
        var expected = JsonTypeOf(Nullable.GetUnderlyingType(type) ?? type);
        Assert.True(types.SequenceEqual(isNullable ? [expected, "null"] : [expected]), $"{place}: {string.Join('|', types)}");
        if (expected == "array")
        {
            AssertSame(type.GetGenericArguments()[0], isNullable: false, schema["items"]!, $"{place}[]");
        }
        else if (expected == "object" && type != typeof(JsonElement))
        {
            AssertSame(type, schema);
        }
    }

    private static string JsonTypeOf(Type type) =>
        type == typeof(string) || type == typeof(Guid) || type == typeof(DateTime) || type == typeof(DateOnly) ? "string"
        : type == typeof(long) || type == typeof(int) ? "integer"
        : type.IsGenericType ? "array"
        : "object";

    private static string EventJsonName(PropertyInfo property) =>
        property.GetCustomAttribute<System.Text.Json.Serialization.JsonPropertyNameAttribute>()?.Name
        ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    /// <summary>Checks the keywords that the document uses.</summary>
    private static IEnumerable<string> Faults(JsonNode node, JsonNode? value, string place)
    {
        var schema = s_document.Follow(node).AsObject();
        if (schema["oneOf"] is JsonArray choice && choice.All(one => Faults(one!, value, place).Any()))
        {
            yield return $"{place} is none of the choices";
        }
        string[]? types = schema["type"] switch
        {
            JsonArray several => [.. several.Select(one => one!.GetValue<string>())],
            JsonNode one => [one.GetValue<string>()],
            null => null,
        };
        if (types is not null && !types.Contains(KindOf(value)))
        {
            yield return $"{place} is {KindOf(value)}";
            yield break;
        }
        if (schema["const"] is { } constant && !JsonNode.DeepEquals(constant, value))
        {
            yield return $"{place} is not {constant}";
        }
        if (schema["enum"] is JsonArray values && !values.Any(one => JsonNode.DeepEquals(one, value)))
        {
            yield return $"{place} is none of {values}";
        }
        if (
            schema["pattern"] is { } pattern
            && !Regex.IsMatch(value!.GetValue<string>(), pattern.GetValue<string>(), RegexOptions.NonBacktracking)
        )
        {
            yield return $"{place} does not match";
        }
        if (schema["minimum"] is { } minimum && value!.GetValue<decimal>() < minimum.GetValue<decimal>())
        {
            yield return $"{place} is too small";
        }
        foreach (var name in schema["required"]?.AsArray() ?? [])
        {
            if (!value!.AsObject().ContainsKey(name!.GetValue<string>()))
            {
                yield return $"{place}.{name} is missing";
            }
        }
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            if (value!.AsObject().TryGetPropertyValue(name, out var member))
            {
                foreach (var fault in Faults(property!, member, $"{place}.{name}"))
                {
                    yield return fault;
                }
            }
        }
        if (schema["items"] is { } items)
        {
            foreach (var fault in value!.AsArray().SelectMany((item, index) => Faults(items, item, $"{place}[{index}]")))
            {
                yield return fault;
            }
        }
    }

    private static string KindOf(JsonNode? value) =>
        value?.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => "integer",
            JsonValueKind.Array => "array",
            JsonValueKind.Object => "object",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            _ => "null",
        };
}
