using System.Text;
using System.Text.Json.Nodes;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.OpenApi.Tests.Comparing;

/// <summary>Each kind of break is seen, and what breaks nobody is not taken for one.</summary>
public sealed class BreakingChangesTests
{
    private const string Operation = "paths./things/{slug}.put";
    private const string Body = $"{Operation}.requestBody.content.application/json.schema";
    private const string Given = "components.schemas.Thing";

    private const string Document = """
        {
          "paths": {
            "/things/{slug}": {
              "put": {
                "operationId": "saveThing", "tags": ["Things"], "security": [{ "bearer": ["things:write"] }],
                "parameters": [
                  { "name": "slug", "in": "path", "required": true, "schema": { "type": "string", "pattern": "^[a-z]+$" } },
                  { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 100 } },
                  { "name": "sort", "in": "query", "schema": { "type": "string", "enum": ["title", "date"] } },
                  { "name": "If-Match", "in": "header", "schema": { "type": "string" } }
                ],
                "requestBody": {
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object", "additionalProperties": false, "required": ["name"],
                        "properties": {
                          "name": { "type": "string", "maxLength": 300 },
                          "note": { "type": ["string", "null"] },
                          "size": { "type": "number" },
                          "tags": { "type": "array", "maxItems": 50, "items": { "type": "string" } },
                          "part": { "oneOf": [{ "$ref": "#/components/schemas/Wheel" }, { "$ref": "#/components/schemas/Door" }] }
                        }
                      }
                    },
                    "text/markdown": { "schema": { "type": "string" } }
                  }
                },
                "responses": {
                  "200": {
                    "headers": { "ETag": { "required": true, "schema": { "type": "string" } } },
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } }
                  },
                  "404": { "$ref": "#/components/responses/NotFound" }
                }
              },
              "get": { "operationId": "getThing", "tags": ["Things"], "security": [], "responses": { "200": { "description": "" } } }
            }
          },
          "components": {
            "responses": { "NotFound": { "description": "" } },
            "schemas": {
              "Thing": {
                "type": "object", "required": ["name", "state"],
                "properties": {
                  "name": { "type": "string" },
                  "state": { "enum": ["draft", "published"] },
                  "count": { "type": "integer" },
                  "parts": { "type": "array", "items": { "oneOf": [{ "$ref": "#/components/schemas/Wheel" }, { "type": "null" }] } },
                  "inner": { "oneOf": [{ "$ref": "#/components/schemas/Thing" }, { "type": "null" }] }
                }
              },
              "Wheel": { "type": "object", "properties": { "kind": { "const": "wheel" } } },
              "Door": { "type": "object", "properties": { "kind": { "const": "door" } } }
            }
          }
        }
        """;

    public static TheoryData<string, string?, string> Breaks =>
        new()
        {
            { "paths./things/{slug}", null, "is gone" },
            { Operation, null, "is gone" },
            { $"{Operation}.operationId", "\"putThing\"", "is called putThing" },
            { $"{Operation}.security", """[{ "bearer": ["other"] }]""", "needs more of a token" },
            { "paths./things/{slug}.get.security", """[{ "bearer": ["things:write"] }]""", "needs more of a token" },
            { $"{Operation}.parameters[3]", null, "header If-Match is gone" },
            { $"{Operation}.parameters[1].required", "true", "query limit is required now" },
            {
                $"{Operation}.parameters[+]",
                """{ "name": "new", "in": "query", "required": true, "schema": {} }""",
                "query new is new and required"
            },
            { $"{Operation}.parameters[1].schema.maximum", "50", "lower maximum" },
            { $"{Operation}.parameters[1].schema.minimum", "2", "higher minimum" },
            { $"{Operation}.parameters[1].schema.type", "\"string\"", "is string, and was integer" },
            { $"{Operation}.parameters[2].schema.enum", """["title"]""", "has the values" },
            { $"{Operation}.parameters[0].schema.pattern", "\"^[a-f]+$\"", "another pattern" },
            { $"{Operation}.parameters[3].schema.enum", """["*"]""", "has the values" },
            { $"{Operation}.requestBody", null, "takes no body any more" },
            { $"{Operation}.requestBody.required", "true", "needs a body" },
            { $"{Operation}.requestBody.content.text/markdown", null, "text/markdown is gone" },
            { $"{Body}.required", """["name", "note"]""", "$.note is required now" },
            { $"{Body}.properties.note", null, "$.note is gone" },
            { $"{Body}.properties.note.type", "\"string\"", "$.note is string" },
            { $"{Body}.properties.size.type", "\"integer\"", "$.size is integer" },
            { $"{Body}.properties.name.maxLength", "299", "$.name has a lower maxLength" },
            { $"{Body}.properties.note.maxLength", "10", "$.note has a lower maxLength" },
            { $"{Body}.properties.name.minLength", "1", "$.name has a higher minLength" },
            { $"{Body}.properties.tags.maxItems", "49", "$.tags has a lower maxItems" },
            { $"{Body}.properties.tags.uniqueItems", "true", "$.tags has another uniqueItems" },
            { $"{Body}.properties.tags.items.type", "\"integer\"", "$.tags[] is integer" },
            { $"{Body}.properties.name.format", "\"uri\"", "$.name has another format" },
            { $"{Body}.properties.part.oneOf[1]", null, "takes no Door" },
            { $"{Operation}.responses.200", null, "200 is gone" },
            { $"{Operation}.responses.404", null, "404 is gone" },
            { $"{Operation}.responses.200.headers.ETag", null, "header ETag is gone" },
            { $"{Operation}.responses.200.headers.ETag.required", "false", "header ETag is gone, or not always there" },
            { $"{Operation}.responses.200.content.application/json", null, "application/json is gone" },
            { $"{Given}.properties.count", null, "$.count is gone" },
            { $"{Given}.required", """["name"]""", "$.state is not always there" },
            { $"{Given}.properties.name.type", """["string", "null"]""", "$.name is string|null" },
            { $"{Given}.properties.count.type", "\"number\"", "$.count is number" },
            { $"{Given}.properties.state.enum", """["draft", "published", "withdrawn"]""", "has the values" },
            { $"{Given}.properties.state", """{ "type": "string" }""", "has the values anything" },
            { $"{Given}.properties.parts.items.oneOf[+]", """{ "$ref": "#/components/schemas/Door" }""", "may be Door" },
            { "components.schemas.Wheel.properties.kind", null, "kind is gone" },
        };

    public static TheoryData<string, string?> Additions =>
        new()
        {
            { "info", """{ "title": "Other words" }""" },
            { "paths./other", """{ "get": { "operationId": "getOther", "tags": [], "security": [], "responses": {} } }""" },
            { $"{Operation}.summary", "\"Another text\"" },
            { $"{Operation}.security", """[{ "bearer": ["things:write"] }, {}]""" },
            { $"{Operation}.parameters[+]", """{ "name": "new", "in": "query", "schema": { "type": "string" } }""" },
            { $"{Operation}.parameters[1].schema.maximum", "200" },
            { $"{Operation}.parameters[1].schema.maximum", null },
            { $"{Operation}.parameters[2].schema.enum", """["title", "date", "name"]""" },
            { $"{Operation}.parameters[0].schema.pattern", null },
            { $"{Body}.properties.new", """{ "type": "string" }""" },
            { $"{Body}.properties.name.maxLength", "400" },
            { $"{Body}.properties.name.type", """["string", "null"]""" },
            { $"{Body}.required", null },
            { $"{Body}.properties.part.oneOf[+]", """{ "type": "string" }""" },
            { $"{Operation}.responses.410", """{ "description": "" }""" },
            { $"{Operation}.responses.200.headers.Link", """{ "schema": { "type": "string" } }""" },
            { $"{Operation}.responses.200.content.text/html", """{ "schema": { "type": "string" } }""" },
            { $"{Given}.properties.new", """{ "type": "string" }""" },
            { $"{Given}.required", """["name", "state", "count"]""" },
            { $"{Given}.properties.state.enum", """["published"]""" },
            { $"{Given}.properties.parts.items.oneOf[1]", null },
        };

    [Theory]
    [MemberData(nameof(Breaks))]
    public void Break_OfAnyKind_IsSeen(string place, string? value, string expected)
    {
        var breaks = BreakingChanges.Find(Read(Document), Read(Changed(place, value)));

        Assert.Contains(breaks, found => found.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Additions))]
    public void Addition_OfAnyKind_IsNoBreak(string place, string? value) =>
        Assert.Empty(BreakingChanges.Find(Read(Document), Read(Changed(place, value))));

    [Fact]
    public void Document_AsItWas_BreaksNothing()
    {
        Assert.Empty(BreakingChanges.Find(Read(Document), Read(Document)));
        Assert.Empty(BreakingChanges.Find(ApiDescription.Committed, ApiDescription.Committed));
    }

    private static ApiDescription Read(string json) => new(Encoding.UTF8.GetBytes(json));

    // Sets what is at a place to a value, or removes it; [+] is a new item.
    private static string Changed(string place, string? value)
    {
        var root = JsonNode.Parse(Document)!;
        var parts = place.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        var node = root;
        foreach (var part in parts[..^1])
        {
            node = part.StartsWith('[') ? node[int.Parse(part.Trim('[', ']'), null)]! : node[part]!;
        }
        var (last, json) = (parts[^1], value is null ? null : JsonNode.Parse(value));
        if (last == "[+]")
        {
            node.AsArray().Add(json);
        }
        else if (last.StartsWith('['))
        {
            node.AsArray().RemoveAt(int.Parse(last.Trim('[', ']'), null));
        }
        else if (json is null)
        {
            Assert.True(node.AsObject().Remove(last));
        }
        else
        {
            node[last] = json;
        }
        return root.ToJsonString();
    }
}
