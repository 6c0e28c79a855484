using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BackendGuide.Testing.OpenApi;

/// <summary>The keywords themselves.</summary>
public sealed partial class SchemaCheck
{
    private delegate void Keyword(Run run, JsonElement schema, JsonElement said, JsonElement value, string place, Seen seen);

    private static readonly ConcurrentDictionary<string, Regex> s_patterns = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, Keyword> s_keywords = new(StringComparer.Ordinal)
    {
        ["type"] = static (run, _, said, value, place, _) => run.CheckType(said, value, place),
        ["enum"] = static (run, _, said, value, place, _) =>
            run.Require(said.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)), place, $"is none of {said}"),
        ["const"] = static (run, _, said, value, place, _) => run.Require(JsonElement.DeepEquals(said, value), place, $"is not {said}"),
        ["pattern"] = static (run, _, said, value, place, _) =>
            run.Require(
                value.ValueKind != JsonValueKind.String || PatternOf(said.GetString()!).IsMatch(value.GetString()!),
                place,
                $"does not match {said}"
            ),
        ["format"] = static (run, _, said, value, place, _) =>
            run.Require(
                value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number) || IsOfFormat(said.GetString()!, value),
                place,
                $"is no {said}"
            ),
        ["minLength"] = static (run, _, said, value, place, _) =>
            run.Require(LengthOf(value) is not { } length || length >= said.GetInt64(), place, $"is shorter than {said}"),
        ["maxLength"] = static (run, _, said, value, place, _) =>
            run.Require(LengthOf(value) is not { } length || length <= said.GetInt64(), place, $"is longer than {said}"),
        ["minimum"] = static (run, _, said, value, place, _) =>
            run.Require(value.ValueKind != JsonValueKind.Number || value.GetDouble() >= said.GetDouble(), place, $"is under {said}"),
        ["maximum"] = static (run, _, said, value, place, _) =>
            run.Require(value.ValueKind != JsonValueKind.Number || value.GetDouble() <= said.GetDouble(), place, $"is over {said}"),
        ["minItems"] = static (run, _, said, value, place, _) =>
            run.Require(
                value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= said.GetInt32(),
                place,
                $"has under {said} items"
            ),
        ["maxItems"] = static (run, _, said, value, place, _) =>
            run.Require(
                value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= said.GetInt32(),
                place,
                $"has over {said} items"
            ),
        ["uniqueItems"] = static (run, _, said, value, place, _) =>
            run.Require(!said.GetBoolean() || !HasTwice(value), place, "has an item twice"),
        ["minProperties"] = static (run, _, said, value, place, _) =>
            run.Require(
                value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() >= said.GetInt32(),
                place,
                $"has under {said} properties"
            ),
        ["required"] = static (run, _, said, value, place, _) => run.CheckRequired(said, value, place),
        ["properties"] = static (run, _, said, value, place, seen) => run.CheckProperties(said, value, place, seen),
        ["additionalProperties"] = static (run, schema, said, value, place, seen) => run.CheckOthers(schema, said, value, place, seen),
        ["propertyNames"] = static (run, _, said, value, place, _) => run.CheckNames(said, value, place),
        ["items"] = static (run, _, said, value, place, _) => run.CheckItems(said, value, place),
        ["allOf"] = static (run, _, said, value, place, seen) => run.CheckAll(said, value, place, seen),
        ["anyOf"] = static (run, schema, said, value, place, seen) => run.CheckSome(schema, said, value, place, seen, isOne: false),
        ["oneOf"] = static (run, schema, said, value, place, seen) => run.CheckSome(schema, said, value, place, seen, isOne: true),
    };

    /// <summary>A pattern of ECMAScript as .NET reads it: there the end is before a last line break too.</summary>
    public static Regex PatternOf(string pattern) =>
        s_patterns.GetOrAdd(
            pattern,
            static it => new Regex(it.EndsWith('$') ? $"{it[..^1]}\\z" : it, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)
        );

    private static int? LengthOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()!.EnumerateRunes().Count() : null;

    private static bool HasTwice(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
        && value.EnumerateArray().Select(item => item.GetRawText()).Distinct().Count() < value.GetArrayLength();

    private static bool IsOfFormat(string format, JsonElement value) =>
        format switch
        {
            "date-time" => DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _),
            "date" => DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", out _),
            "uuid" => Guid.TryParseExact(value.GetString(), "D", out _),
            // A path from the root is an address of a file to .NET.
            "uri" => Uri.TryCreate(value.GetString(), UriKind.Absolute, out _) && !value.GetString()!.StartsWith('/'),
            "uri-reference" => Uri.TryCreate(value.GetString(), UriKind.RelativeOrAbsolute, out _),
            "int32" => value.TryGetInt32(out _),
            "int64" => value.TryGetInt64(out _),
            "double" => value.TryGetDouble(out _),
            _ => throw new InvalidOperationException($"The format {format} is not known to these tests."),
        };

    private sealed partial class Run
    {
        public void Require(bool holds, string place, string fault)
        {
            if (!holds)
            {
                Add(place, fault);
            }
        }

        public void CheckType(JsonElement said, JsonElement value, string place)
        {
            var isOne = said.ValueKind == JsonValueKind.Array ? said.EnumerateArray().Any(one => IsOf(one, value)) : IsOf(said, value);
            Require(isOne, place, $"is {value.ValueKind}, and not {said}");
        }

        public void CheckRequired(JsonElement said, JsonElement value, string place)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                return;
            }
            foreach (var name in said.EnumerateArray())
            {
                Require(value.TryGetProperty(name.GetString()!, out _), $"{place}.{name}", "is missing");
            }
        }

        public void CheckProperties(JsonElement said, JsonElement value, string place, Seen seen)
        {
            seen.IsAll = false;
            if (value.ValueKind != JsonValueKind.Object)
            {
                return;
            }
            foreach (var property in said.EnumerateObject())
            {
                seen.Names.Add(property.Name);
                if (value.TryGetProperty(property.Name, out var member))
                {
                    CheckValue(property.Value, member, $"{place}.{property.Name}");
                }
            }
        }

        public void CheckOthers(JsonElement schema, JsonElement said, JsonElement value, string place, Seen seen)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                return;
            }
            HashSet<string> named = schema.TryGetProperty("properties", out var properties)
                ? [.. properties.EnumerateObject().Select(property => property.Name)]
                : [];
            foreach (var property in value.EnumerateObject().Where(property => !named.Contains(property.Name)))
            {
                seen.Names.Add(property.Name);
                if (said.ValueKind == JsonValueKind.False)
                {
                    Add($"{place}.{property.Name}", "must not be there");
                }
                else
                {
                    CheckValue(said, property.Value, $"{place}.{property.Name}");
                }
            }
        }

        public void CheckNames(JsonElement said, JsonElement value, string place)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                return;
            }
            foreach (var property in value.EnumerateObject())
            {
                CheckValue(said, JsonSerializer.SerializeToElement(property.Name), $"{place}.{property.Name} as a name");
            }
        }

        public void CheckItems(JsonElement said, JsonElement value, string place)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                return;
            }
            foreach (var (index, item) in value.EnumerateArray().Index())
            {
                CheckValue(said, item, $"{place}[{index}]");
            }
        }

        public void CheckAll(JsonElement said, JsonElement value, string place, Seen seen)
        {
            foreach (var one in said.EnumerateArray())
            {
                seen.Add(Check(one, value, place));
            }
        }

        public void CheckSome(JsonElement schema, JsonElement said, JsonElement value, string place, Seen seen, bool isOne)
        {
            var tries = said.EnumerateArray().Where(IsMeant).Select(one => (Schema: one, Result: Try(one, value, place))).ToList();
            var fitting = tries.Where(it => it.Result.IsValid).ToList();
            if (fitting.Count == 1 || (fitting.Count > 1 && !isOne))
            {
                fitting.ForEach(it => seen.Add(it.Result.Seen));
                return;
            }
            if (fitting.Count > 1)
            {
                Add(place, "fits more than one schema");
                return;
            }
            // Of several kinds the one that it says to be is the one to be told of, else the one that comes nearest.
            var meant = tries.FindIndex(it => IsKindOf(schema, it.Schema, value));
            Require(tries.Count > 0, place, "has no schema");
            var nearest = meant >= 0 ? tries[meant] : tries.MinBy(it => it.Result.Faults.Count);
            nearest.Result.Faults?.ForEach(fault => Add(fault, "(of what fits best)"));
        }

        private bool IsMeant(JsonElement schema) =>
            !schema.TryGetProperty(OnlyWith, out var parameter) || given.Contains(parameter.GetString()!);

        private bool IsKindOf(JsonElement choice, JsonElement one, JsonElement value) =>
            choice.TryGetProperty("discriminator", out var discriminator)
            && value.ValueKind == JsonValueKind.Object
            && value.TryGetProperty(discriminator.GetProperty("propertyName").GetString()!, out var kind)
            && document.Follow(one).TryGetProperty("properties", out var properties)
            && properties.TryGetProperty(discriminator.GetProperty("propertyName").GetString()!, out var property)
            && property.TryGetProperty("const", out var named)
            && JsonElement.DeepEquals(named, kind);

        private static bool IsOf(JsonElement type, JsonElement value) =>
            type.GetString() switch
            {
                "object" => value.ValueKind == JsonValueKind.Object,
                "array" => value.ValueKind == JsonValueKind.Array,
                "string" => value.ValueKind == JsonValueKind.String,
                "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
                "null" => value.ValueKind == JsonValueKind.Null,
                "number" => value.ValueKind == JsonValueKind.Number,
                "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && decimal.IsInteger(number),
                var unknown => throw new InvalidOperationException($"There is no type {unknown}."),
            };
    }
}
