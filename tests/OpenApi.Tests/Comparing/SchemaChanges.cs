using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.OpenApi.Tests.Comparing;

/// <summary>How one schema differs from an earlier one, for those who send such values, and for those who are given them.</summary>
internal sealed class SchemaChanges(ApiDescription before, ApiDescription after, List<string> breaks)
{
    private static readonly string[] s_choices = ["oneOf", "anyOf"];
    private static readonly string[] s_most = ["maximum", "maxItems", "maxLength", "maxProperties"];
    private static readonly string[] s_least = ["minimum", "minItems", "minLength", "minProperties"];
    private static readonly string[] s_exact = ["format", "pattern", "uniqueItems"];

    private readonly HashSet<(string, string, bool)> _compared = [];

    /// <summary>What was taken must be taken: nothing may be narrower.</summary>
    public void Taken(JsonElement had, JsonElement has, string place) => Compare(had, has, place, isTaken: true);

    /// <summary>What is given must be what was given: nothing may be wider, nor missing. How long or how large it may be is not looked at.</summary>
    public void Given(JsonElement had, JsonElement has, string place) => Compare(had, has, place, isTaken: false);

    private void Compare(JsonElement had, JsonElement has, string place, bool isTaken)
    {
        if (had.ValueKind != JsonValueKind.Object || has.ValueKind != JsonValueKind.Object)
        {
            Require(had.ValueKind == has.ValueKind, place, "is another schema");
            return;
        }
        // What refers to itself is compared once.
        if (!_compared.Add((had.GetRawText(), has.GetRawText(), isTaken)))
        {
            return;
        }
        var (old, now) = (Flatten(had, before), Flatten(has, after));
        CompareTypes(old, now, place, isTaken);
        CompareWords(old, now, place, isTaken);
        CompareProperties(old, now, place, isTaken);
        CompareInner("items", old, now, $"{place}[]", isTaken);
        CompareOthers(old, now, place, isTaken);
        foreach (var choice in s_choices)
        {
            CompareChoices(choice, old, now, place, isTaken);
        }
        if (isTaken)
        {
            CompareBounds(old, now, place);
        }
    }

    private void CompareTypes(JsonElement had, JsonElement has, string place, bool isTaken)
    {
        var (old, now) = (TypesOf(had), TypesOf(has));
        var (of, within) = isTaken ? (old, now) : (now, old);
        Require(
            within is null || (of is not null && of.All(type => IsWithin(type, within))),
            place,
            $"is {Text(now)}, and was {Text(old)}"
        );
    }

    private void CompareWords(JsonElement had, JsonElement has, string place, bool isTaken)
    {
        var (old, now) = (WordsOf(had), WordsOf(has));
        var (of, within) = isTaken ? (old, now) : (now, old);
        Require(within is null || (of is not null && of.IsSubsetOf(within)), place, $"has the values {Text(now)}, and had {Text(old)}");
    }

    private void CompareProperties(JsonElement had, JsonElement has, string place, bool isTaken)
    {
        var (mustOld, mustNow) = (NamesOf(had), NamesOf(has));
        foreach (var name in isTaken ? mustNow.Except(mustOld) : mustOld.Except(mustNow))
        {
            breaks.Add($"{place}.{name} {(isTaken ? "is required now" : "is not always there")}");
        }
        foreach (var property in Properties(had))
        {
            if (Find(has, "properties") is { } others && others.TryGetProperty(property.Name, out var other))
            {
                Compare(property.Value, other, $"{place}.{property.Name}", isTaken);
            }
            else
            {
                breaks.Add($"{place}.{property.Name} is gone");
            }
        }
    }

    private void CompareInner(string keyword, JsonElement had, JsonElement has, string place, bool isTaken)
    {
        if (Find(had, keyword) is { } old && Find(has, keyword) is { } now)
        {
            Compare(old, now, place, isTaken);
        }
        else
        {
            // Where nothing was said of it, or is, it may be anything.
            Require(
                Find(isTaken ? has : had, keyword) is null || Find(had, keyword) is null == Find(has, keyword) is null,
                place,
                "is another schema"
            );
        }
    }

    private void CompareOthers(JsonElement had, JsonElement has, string place, bool isTaken)
    {
        var (old, now) = (Find(had, "additionalProperties"), Find(has, "additionalProperties"));
        if (isTaken && now is { ValueKind: JsonValueKind.False })
        {
            Require(old is { ValueKind: JsonValueKind.False } || !IsObject(had), place, "takes no other properties any more");
        }
        else if (old is { ValueKind: JsonValueKind.Object } && now is { ValueKind: JsonValueKind.Object })
        {
            Compare(old.Value, now.Value, $"{place}.*", isTaken);
        }
    }

    private void CompareChoices(string keyword, JsonElement had, JsonElement has, string place, bool isTaken)
    {
        var (old, now) = (Find(had, keyword), Find(has, keyword));
        if (old is null || now is null)
        {
            Require(old is null && now is null, place, $"{(now is null ? "lacks" : "has")} {keyword}");
            return;
        }
        var (of, within) = isTaken ? (old.Value, now.Value) : (now.Value, old.Value);
        foreach (var (index, one) in of.EnumerateArray().Index())
        {
            var name = KeyOf(one, isTaken ? before : after, index);
            var other = within
                .EnumerateArray()
                .Index()
                .FirstOrDefault(it => KeyOf(it.Item, isTaken ? after : before, it.Index) == name)
                .Item;
            if (other.ValueKind == JsonValueKind.Undefined)
            {
                breaks.Add($"{place} {(isTaken ? "takes no" : "may be")} {name}");
                continue;
            }
            Compare(isTaken ? one : other, isTaken ? other : one, $"{place}({name})", isTaken);
        }
    }

    private void CompareBounds(JsonElement had, JsonElement has, string place)
    {
        foreach (var keyword in s_most)
        {
            Require(Number(has, keyword) is not { } now || Number(had, keyword) <= now, place, $"has a lower {keyword}");
        }
        foreach (var keyword in s_least)
        {
            Require(
                Number(has, keyword) is not { } now || Number(had, keyword) >= now || now <= 0 && keyword != "minimum",
                place,
                $"has a higher {keyword}"
            );
        }
        foreach (var keyword in s_exact)
        {
            var (old, now) = (Find(had, keyword), Find(has, keyword));
            Require(
                now is null or { ValueKind: JsonValueKind.False } || (old is not null && JsonElement.DeepEquals(old.Value, now.Value)),
                place,
                $"has another {keyword}"
            );
        }
    }

    private void Require(bool holds, string place, string what)
    {
        if (!holds)
        {
            breaks.Add($"{place} {what}");
        }
    }

    /// <summary>The schema with what it refers to put in its place; what stands beside the reference counts before it.</summary>
    private static JsonElement Flatten(JsonElement schema, ApiDescription document)
    {
        if (!schema.TryGetProperty("$ref", out var reference))
        {
            return schema;
        }
        var target = Flatten(document.Find(reference), document);
        if (schema.GetPropertyCount() == 1)
        {
            return target;
        }
        var flat = JsonObject.Create(target)!;
        foreach (var keyword in schema.EnumerateObject().Where(keyword => keyword.Name != "$ref"))
        {
            if (keyword.Name == "properties" && flat["properties"] is JsonObject properties)
            {
                foreach (var property in keyword.Value.EnumerateObject())
                {
                    properties[property.Name] = JsonNode.Parse(property.Value.GetRawText());
                }
                continue;
            }
            flat[keyword.Name] = JsonNode.Parse(keyword.Value.GetRawText());
        }
        return JsonSerializer.SerializeToElement(flat);
    }

    // A choice is told by its name, or by being null, or by its place.
    private static string KeyOf(JsonElement one, ApiDescription document, int index) =>
        one.TryGetProperty("$ref", out var reference) ? reference.GetString()!.Split('/')[^1]
        : TypesOf(Flatten(one, document)) is ["null"] ? "null"
        : $"choice {index}";

    private static string[]? TypesOf(JsonElement schema) =>
        Find(schema, "type") switch
        {
            null => null,
            { ValueKind: JsonValueKind.Array } types => [.. types.EnumerateArray().Select(type => type.GetString()!)],
            { } type => [type.GetString()!],
        };

    private static bool IsWithin(string type, string[] types) => types.Contains(type) || (type == "integer" && types.Contains("number"));

    private static HashSet<string>? WordsOf(JsonElement schema) =>
        Find(schema, "const") is { } constant ? [constant.GetRawText()]
        : Find(schema, "enum") is { } words ? [.. words.EnumerateArray().Select(word => word.GetRawText())]
        : null;

    private static List<string> NamesOf(JsonElement schema) =>
        Find(schema, "required") is { } names ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];

    private static JsonElement.ObjectEnumerator Properties(JsonElement schema) =>
        Find(schema, "properties") is { } properties ? properties.EnumerateObject() : default;

    private static bool IsObject(JsonElement schema) => TypesOf(schema)?.Contains("object") ?? true;

    private static decimal? Number(JsonElement schema, string keyword) => Find(schema, keyword)?.GetDecimal();

    private static JsonElement? Find(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) ? value : null;

    private static string Text(IEnumerable<string>? values) => values is null ? "anything" : string.Join("|", values);
}
