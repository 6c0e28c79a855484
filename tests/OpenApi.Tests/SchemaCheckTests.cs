using System.Text;
using System.Text.Json;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.OpenApi.Tests;

/// <summary>The validator that the suite relies on: every keyword takes what it should and refuses what it should.</summary>
public sealed class SchemaCheckTests
{
    private const string Components = """
        {
          "paths": {},
          "components": {
            "schemas": {
              "Name": { "type": "string", "pattern": "^[a-z]+$", "minLength": 1 },
              "Wheel": { "type": "object", "required": ["kind"], "properties": { "kind": { "const": "wheel" }, "size": { "type": "integer" } } },
              "Door": { "type": "object", "required": ["kind"], "properties": { "kind": { "const": "door" } } },
              "Part": {
                "oneOf": [{ "$ref": "#/components/schemas/Wheel" }, { "$ref": "#/components/schemas/Door" }],
                "discriminator": { "propertyName": "kind" }
              },
              "Tree": { "type": "object", "properties": { "child": { "oneOf": [{ "$ref": "#/components/schemas/Tree" }, { "type": "null" }] } } }
            }
          }
        }
        """;

    private static readonly SchemaCheck s_check = new(new ApiDescription(Encoding.UTF8.GetBytes(Components)));

    [Theory]
    [InlineData("""{ "type": "string" }""", "\"a\"", "1")]
    [InlineData("""{ "type": ["string", "null"] }""", "null", "1")]
    [InlineData("""{ "type": "integer" }""", "1.0", "1.5")]
    [InlineData("""{ "type": "number" }""", "1.5", "\"1.5\"")]
    [InlineData("""{ "type": "boolean" }""", "false", "0")]
    [InlineData("""{ "type": "array" }""", "[]", "{}")]
    [InlineData("""{ "type": "object" }""", "{}", "[]")]
    [InlineData("""{ "enum": ["a", null] }""", "null", "\"b\"")]
    [InlineData("""{ "const": 1 }""", "1", "2")]
    [InlineData("""{ "pattern": "^a+$" }""", "\"aa\"", "\"aa\\n\"")]
    [InlineData("""{ "pattern": "^[^\\u0000]*$" }""", "\"a\\nb\"", "\"a\\u0000b\"")]
    [InlineData("""{ "minLength": 2 }""", "\"ab\"", "\"a\"")]
    [InlineData("""{ "maxLength": 1 }""", "\"\\uD83D\\uDE00\"", "\"ab\"")]
    [InlineData("""{ "minimum": 1 }""", "1", "0.5")]
    [InlineData("""{ "maximum": 1 }""", "1", "1.5")]
    [InlineData("""{ "minItems": 1 }""", "[1]", "[]")]
    [InlineData("""{ "maxItems": 1 }""", "[1]", "[1, 2]")]
    [InlineData("""{ "uniqueItems": true }""", "[1, 2]", "[1, 1]")]
    [InlineData("""{ "minProperties": 1 }""", "{\"a\": 1}", "{}")]
    [InlineData("""{ "required": ["a"] }""", "{\"a\": null}", "{\"b\": 1}")]
    [InlineData("""{ "properties": { "a": { "type": "string" } } }""", "{\"a\": \"b\", \"c\": 1}", "{\"a\": 1}")]
    [InlineData("""{ "properties": { "a": {} }, "additionalProperties": false }""", "{\"a\": 1}", "{\"a\": 1, \"b\": 1}")]
    [InlineData("""{ "additionalProperties": { "type": "string" } }""", "{\"a\": \"b\"}", "{\"a\": 1}")]
    [InlineData("""{ "propertyNames": { "maxLength": 1 } }""", "{\"a\": 1}", "{\"ab\": 1}")]
    [InlineData("""{ "items": { "type": "string" } }""", "[\"a\"]", "[\"a\", 1]")]
    [InlineData("""{ "allOf": [{ "minimum": 1 }, { "maximum": 2 }] }""", "2", "3")]
    [InlineData("""{ "anyOf": [{ "type": "string" }, { "minimum": 2 }] }""", "2", "1")]
    [InlineData("""{ "oneOf": [{ "minimum": 1 }, { "minimum": 2 }] }""", "1", "2")]
    [InlineData("""{ "$ref": "#/components/schemas/Name", "maxLength": 2 }""", "\"ab\"", "\"abc\"")]
    [InlineData("""{ "$ref": "#/components/schemas/Name" }""", "\"ab\"", "\"AB\"")]
    [InlineData(
        """{ "$ref": "#/components/schemas/Part" }""",
        "{\"kind\": \"wheel\", \"size\": 1}",
        "{\"kind\": \"wheel\", \"size\": \"1\"}"
    )]
    [InlineData("""{ "$ref": "#/components/schemas/Part" }""", "{\"kind\": \"door\"}", "{\"kind\": \"roof\"}")]
    [InlineData("""{ "$ref": "#/components/schemas/Tree" }""", "{\"child\": {\"child\": null}}", "{\"child\": {\"child\": 1}}")]
    [InlineData("""{ "format": "date-time" }""", "\"2026-11-22T08:00:00Z\"", "\"today\"")]
    [InlineData("""{ "format": "date" }""", "\"2026-11-22\"", "\"2026-11-31\"")]
    [InlineData("""{ "format": "uuid" }""", "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"", "\"8e03978e\"")]
    [InlineData("""{ "format": "uri" }""", "\"https://example.org/a\"", "\"/a\"")]
    [InlineData("""{ "format": "int32" }""", "1", "3000000000")]
    public void Keyword_OfAnyKind_TakesWhatFitsAndNothingElse(string schema, string fits, string doesNot)
    {
        Assert.Empty(s_check.Faults(Json(schema), Json(fits)));
        Assert.NotEmpty(s_check.Faults(Json(schema), Json(doesNot)));
    }

    [Fact]
    public void Fault_OfOneOfSeveralKinds_IsToldOfTheKindThatItSaysToBe()
    {
        var faults = s_check.Faults(Json("""{ "$ref": "#/components/schemas/Part" }"""), Json("""{ "kind": "wheel", "size": "1" }"""));

        Assert.StartsWith("$.size is String, and not integer", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "type": "object", "properties": { "a": {} } }""", "{\"a\": {\"any\": 1}, \"b\": 1}", "$.b is not in the schema")]
    [InlineData("""{ "$ref": "#/components/schemas/Part" }""", "{\"kind\": \"door\", \"b\": 1}", "$.b is not in the schema")]
    [InlineData(
        """{ "$ref": "#/components/schemas/Wheel", "properties": { "a": {} } }""",
        "{\"kind\": \"wheel\", \"a\": 1, \"b\": 1}",
        "$.b is not in the schema"
    )]
    [InlineData("""{ "items": { "properties": { "a": {} } } }""", "[{\"a\": 1}, {\"b\": 1}]", "$[1].b is not in the schema")]
    public void Property_ThatNoSchemaNames_IsAFaultWhereAllAreToBeNamed(string schema, string value, string fault)
    {
        Assert.Empty(s_check.Faults(Json(schema), Json(value)));
        Assert.Equal([fault], s_check.Faults(Json(schema), Json(value), isStrict: true));
    }

    [Fact]
    public void Schema_ThatIsOnlyMeantWithAParameter_DoesNotCountWithoutIt()
    {
        var schema = Json("""{ "anyOf": [{ "required": ["a"] }, { "type": "object", "x-only-with": "fields" }] }""");

        Assert.NotEmpty(s_check.Faults(schema, Json("{}")));
        Assert.Empty(s_check.Faults(schema, Json("{}"), given: new HashSet<string> { "fields" }));
    }

    [Theory]
    [InlineData("""{ "unevaluatedProperties": false }""", "unevaluatedProperties")]
    [InlineData("""{ "items": { "contains": {} } }""", "contains")]
    [InlineData("""{ "properties": { "if": { "if": {} } } }""", "if")]
    public void Keyword_ThatIsNotKnown_IsAnErrorAndNotPassedOver(string schema, string keyword)
    {
        Assert.Equal([keyword], SchemaCheck.UnknownKeywords(Json(schema)));
        if (!schema.Contains("items", StringComparison.Ordinal))
        {
            Assert.Throws<InvalidOperationException>(() => s_check.Faults(Json(schema), Json("""{ "if": {} }""")));
        }
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
