using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.OpenApi.Tests.Fuzzing;

/// <summary>Makes values that a schema takes.</summary>
internal sealed class ValueMaker(ApiDescription document, Random random)
{
    private const int MostDepth = 6;

    // Of these a text with a pattern is one that fits.
    private static readonly string[] s_texts =
    [
        "a",
        "fuzz-1",
        "python",
        "backend-developer",
        "Some words",
        "Grüße, 世界 \U0001F600",
        "<b>&amp;</b> `code` **bold**",
        "en",
        "de",
        "pt-BR",
        "USD",
        "EUR",
        "DE",
        "US-CA",
        "year",
        "2",
        "content.careers",
        "https://example.org/a?b=c#d",
        "*",
        "\"1-abc\"",
        "8e03978e-40d5-43e8-bc93-6894a57f9324",
        "2026-11-22",
        "2026-11-22T08:00:00Z",
        .. Slugs.ComparedGroups,
        "backend or \"a phrase\" -not",
    ];

    /// <summary>A value; what is not required is there or not.</summary>
    public JsonNode? Make(JsonElement schema, int depth = 0)
    {
        var (node, beside) = (document.Follow(schema), schema);
        if (Find(node, "const") is { } constant)
        {
            return Parse(constant);
        }
        if (Find(node, "enum") is { } words)
        {
            return Parse(Pick(words));
        }
        if (Find(beside, SchemaCheck.Lines) is { } line)
        {
            return string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => $"{Make(line, depth + 1)?.ToJsonString()}\n"));
        }
        if ((Find(node, "oneOf") ?? Find(node, "anyOf")) is { } choice)
        {
            return Make(depth < MostDepth ? Pick(choice) : choice.EnumerateArray().Last(), depth + 1);
        }
        return TypeOf(node) switch
        {
            "object" => MakeObject(node, depth),
            "array" => new JsonArray([
                .. Enumerable
                    .Range(0, CountOf(node, depth))
                    .Select(_ => Make(node.GetProperty("items"), depth + 1))
                    .DistinctBy(item => item?.ToJsonString()),
            ]),
            "integer" => MakeInteger(node),
            "number" => random.NextDouble() * 100,
            "boolean" => random.Next(2) == 0,
            "null" => null,
            _ => MakeText(node, beside),
        };
    }

    private JsonObject MakeObject(JsonElement schema, int depth)
    {
        var required = Find(schema, "required")?.EnumerateArray().Select(name => name.GetString()).ToHashSet() ?? [];
        var made = new JsonObject();
        foreach (var property in Find(schema, "properties")?.EnumerateObject() ?? default)
        {
            if (required.Contains(property.Name) || random.Next(2) == 0)
            {
                made[property.Name] = Make(property.Value, depth + 1);
            }
        }
        return made;
    }

    private long MakeInteger(JsonElement schema)
    {
        var least = Find(schema, "minimum")?.GetInt64() ?? 0;
        var most = Find(schema, "maximum")?.GetInt64() ?? least + 1_000;
        return random.Next(3) switch
        {
            0 => least,
            1 => most,
            _ => random.NextInt64(least, most),
        };
    }

    private string MakeText(JsonElement schema, JsonElement beside)
    {
        if (Find(schema, "format")?.GetString() is "date")
        {
            return "2026-11-22";
        }
        if (Find(schema, "format")?.GetString() is "date-time")
        {
            return random.Next(2) == 0 ? "2026-11-22T08:00:00Z" : "2036-01-01T00:00:00.123456+01:00";
        }
        var pattern = (Find(beside, "pattern") ?? Find(schema, "pattern"))?.GetString();
        var most = (Find(beside, "maxLength") ?? Find(schema, "maxLength"))?.GetInt32() ?? int.MaxValue;
        var fitting = s_texts
            .Where(text => text.Length <= most && (pattern is null || SchemaCheck.PatternOf(pattern).IsMatch(text)))
            .ToList();
        if (fitting.Count == 0)
        {
            return "AQ"; // an opaque one, that nobody gave out
        }
        var text = fitting[random.Next(fitting.Count)];
        // As long as it may be, now and then.
        return random.Next(10) == 0 && most < 3_000 && pattern is null ? new string('x', most) : text;
    }

    private int CountOf(JsonElement schema, int depth)
    {
        var most = Math.Min(3, Find(schema, "maxItems")?.GetInt32() ?? 3);
        return depth >= MostDepth ? 0 : random.Next(Find(schema, "minItems")?.GetInt32() ?? 0, most + 1);
    }

    private JsonElement Pick(JsonElement list) => list[random.Next(list.GetArrayLength())];

    private string? TypeOf(JsonElement schema) =>
        Find(schema, "type") switch
        {
            { ValueKind: JsonValueKind.Array } types => Pick(types).GetString(),
            { } type => type.GetString(),
            null => null,
        };

    private static JsonNode? Parse(JsonElement value) => JsonNode.Parse(value.GetRawText());

    private static JsonElement? Find(JsonElement schema, string keyword) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(keyword, out var value) ? value : null;
}
