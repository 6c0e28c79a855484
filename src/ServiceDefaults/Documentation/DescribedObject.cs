using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ServiceDefaults.Documentation;

/// <summary>
/// Stands in for a JSON object and takes down what is asked of it: the schema of all bodies that the same reader accepts. So a limit that is checked is
/// the limit that is documented.
/// </summary>
internal sealed class DescribedObject : ObjectInput
{
    private readonly OrderedDictionary<string, JsonObject> _properties = new(StringComparer.Ordinal);
    private readonly List<string> _required = [];
    private JsonArray? _kinds;
    private string? _kindProperty;

    private DescribedObject() { }

    /// <summary>The schema of what a reader reads.</summary>
    public static JsonObject Describe<T>(Func<ObjectInput, T> read)
    {
        var described = new DescribedObject();
        var value = read(described);
        // Of several kinds each has a type of its own, which only what was read of it says; what all of them are, is what was asked for.
        var record = described._kinds is null ? value?.GetType() ?? typeof(T) : typeof(T);
        return described.ToSchema(record.FullName);
    }

    public override string RequiredText(string property, int maxLength)
    {
        Add(property, Text(maxLength), isRequired: true);
        return "";
    }

    public override string PresentText(string property, int maxLength)
    {
        Add(
            property,
            new JsonObject
            {
                ["type"] = "string",
                ["maxLength"] = maxLength,
                ["pattern"] = CommonSchemas.NoNull,
            },
            isRequired: true
        );
        return "";
    }

    public override string? OptionalText(string property, int maxLength)
    {
        Add(
            property,
            new JsonObject
            {
                ["type"] = OrNull("string"),
                ["maxLength"] = maxLength,
                ["pattern"] = CommonSchemas.NoNull,
            }
        );
        return null;
    }

    public override string? OptionalWebAddress(string property)
    {
        OptionalText(property, MaxWebAddressLength);
        Say(property, new ValueRule { Format = "uri", Pattern = "^[Hh][Tt][Tt][Pp][Ss]?:" });
        return null;
    }

    public override string RequiredSlug(string property)
    {
        Add(property, CommonSchemas.Ref(CommonSchemas.Slug), isRequired: true);
        return "";
    }

    public override string RequiredWord(string property, IReadOnlyList<string> words)
    {
        Add(property, new JsonObject { ["type"] = "string" }, isRequired: true);
        Say(property, new ValueRule { Words = words });
        return "";
    }

    public override long RequiredWholeNumber(string property, long min, long max)
    {
        Add(
            property,
            new JsonObject
            {
                ["type"] = "integer",
                ["minimum"] = min,
                ["maximum"] = max,
            },
            isRequired: true
        );
        return 0;
    }

    public override DateOnly RequiredDate(string property)
    {
        Add(property, new JsonObject { ["type"] = "string", ["format"] = "date" }, isRequired: true);
        return default;
    }

    public override DateTime? OptionalTime(string property)
    {
        Add(property, new JsonObject { ["type"] = OrNull("string"), ["format"] = "date-time" });
        return null;
    }

    public override DateTime? TimeUnlessMissing(string property)
    {
        Add(property, new JsonObject { ["type"] = "string", ["format"] = "date-time" });
        return null;
    }

    public override bool OptionalFlag(string property)
    {
        Add(property, new JsonObject { ["type"] = OrNull("boolean"), ["default"] = false });
        return false;
    }

    public override T? OptionalObject<T>(string property, Func<ObjectInput, T> read)
        where T : class
    {
        Add(property, new JsonObject { ["oneOf"] = new JsonArray(Describe(read), new JsonObject { ["type"] = "null" }) });
        return null;
    }

    public override IReadOnlyList<T> Objects<T>(string property, bool required, int maxCount, Func<ObjectInput, T> read)
    {
        Add(property, Array(required, maxCount, Describe(read)), required);
        return [];
    }

    public override IReadOnlyList<string> Texts(string property, bool required, int maxCount, int maxLength)
    {
        Add(property, Array(required, maxCount, Text(maxLength)), required);
        return [];
    }

    public override IReadOnlyList<string> Slugs(string property, bool required, int maxCount)
    {
        var slugs = Array(required, maxCount, CommonSchemas.Ref(CommonSchemas.Slug));
        slugs["uniqueItems"] = true;
        Add(property, slugs, required);
        return [];
    }

    public override T OneKind<T>(string property, int maxLength, OrderedDictionary<string, Func<ObjectInput, T>> kinds, T whenUnknown)
    {
        _kindProperty = property;
        _kinds = [.. kinds.Select(kind => Describe(input => ReadKind(input, property, kind.Key, kind.Value)))];
        return whenUnknown;
    }

    public override void Say(string property, ValueRule rule) => rule.Apply(_properties[property]);

    private static T ReadKind<T>(ObjectInput input, string property, string kind, Func<ObjectInput, T> read)
    {
        ((DescribedObject)input).Add(property, new JsonObject { ["const"] = kind }, isRequired: true);
        return read(input);
    }

    private static JsonObject Text(int maxLength)
    {
        var text = CommonSchemas.Ref(CommonSchemas.Text);
        if (maxLength < int.MaxValue)
        {
            text["maxLength"] = maxLength;
        }
        return text;
    }

    private static JsonObject Array(bool isRequired, int maxCount, JsonObject items) =>
        new()
        {
            ["type"] = isRequired ? "array" : OrNull("array"),
            ["maxItems"] = maxCount,
            ["items"] = items,
        };

    // What may be missing may be null as well.
    private static JsonArray OrNull(string type) => [type, "null"];

    private void Add(string property, JsonObject schema, bool isRequired = false)
    {
        _properties[property] = schema;
        if (isRequired)
        {
            _required.Add(property);
        }
    }

    private JsonObject ToSchema(string? record)
    {
        if (_kinds is not null)
        {
            return new JsonObject
            {
                [SchemaMarks.Record] = record,
                ["oneOf"] = _kinds,
                ["discriminator"] = new JsonObject { ["propertyName"] = _kindProperty },
            };
        }
        var schema = new JsonObject
        {
            [SchemaMarks.Record] = record,
            ["type"] = "object",
            ["properties"] = new JsonObject(_properties.Select(it => KeyValuePair.Create(it.Key, (JsonNode?)it.Value))),
        };
        if (_required.Count > 0)
        {
            schema["required"] = new JsonArray([.. _required.Select(name => (JsonNode)name)]);
        }
        schema["additionalProperties"] = false; // unknown properties are refused
        return schema;
    }
}
