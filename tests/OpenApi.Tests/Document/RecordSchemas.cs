using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using BackendGuide.Contracts;
using BackendGuide.ServiceDefaults.Documentation;

namespace BackendGuide.OpenApi.Tests.Document;

/// <summary>
/// Schemas of what is written: by System.Text.Json's own account of each record, so that the schema has the names, the kinds and the nulls that the
/// bytes have. What every record has by its name (a slug, a locale, a link) is the same everywhere.
/// </summary>
internal sealed class RecordSchemas(Components components, RecordComments comments)
{
    private const string Slug = "slug";
    private const string Locale = "locale";
    private const string Href = "href";
    private const string Version = "version";

    /// <summary>The schema of a type.</summary>
    public JsonObject Of(Type type, JsonSerializerOptions options)
    {
        options.MakeReadOnly(populateMissingResolver: true);
        if (Simple(Nullable.GetUnderlyingType(type) ?? type) is { } simple)
        {
            return simple;
        }
        if (type == typeof(CloudEvent))
        {
            return new EventSchemas(components, this).Reference();
        }
        var info = options.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Dictionary => new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = Of(info.ElementType!, options),
            },
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "array", ["items"] = Of(info.ElementType!, options) },
            JsonTypeInfoKind.Object
                when info.PolymorphismOptions is { } forms && forms.DerivedTypes.All(it => it.TypeDiscriminator is null) => FormsOf(
                info,
                forms,
                options
            ),
            JsonTypeInfoKind.Object when info.PolymorphismOptions is { } kinds => components.Add(
                NameOf(type),
                type.FullName!,
                () => KindsOf(type, kinds, options)
            ),
            JsonTypeInfoKind.Object => components.Add(NameOf(type), type.FullName!, () => ObjectOf(info)),
            _ => throw new InvalidOperationException($"{type} has no schema."),
        };
    }

    /// <summary>The schema of a record's object, which is no component yet.</summary>
    public JsonObject ObjectOf(JsonTypeInfo info)
    {
        var schema = new JsonObject { ["type"] = "object" };
        if (comments.SummaryOf(info.Type) is { } summary)
        {
            schema["description"] = summary;
        }
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var property in info.Properties)
        {
            properties[property.Name] = PropertyOf(info, property);
            // What the record cannot be made without, is always written. The rest depends on what it is.
            if (property.AssociatedParameter is not null && !MayBeLeftOut(property))
            {
                required.Add(property.Name);
            }
        }
        schema["properties"] = properties;
        if (required.Count > 0)
        {
            schema["required"] = required;
        }
        return schema;
    }

    /// <summary>The name of a record's schema.</summary>
    public static string NameOf(Type type) =>
        type.GetCustomAttribute<SchemaNameAttribute>()?.Name
        ?? (
            type.IsGenericType
                ? string.Concat(type.GetGenericArguments().Select(NameOf)) + type.Name.Split('`')[0] // Page<GuideSummary>: GuideSummaryPage
                : type.Name
        );

    private static JsonObject? Simple(Type type) =>
        type == typeof(string) ? new JsonObject { ["type"] = "string" }
        : type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
        : type == typeof(int) ? new JsonObject { ["type"] = "integer", ["format"] = "int32" }
        : type == typeof(long) ? new JsonObject { ["type"] = "integer", ["format"] = "int64" }
        : type == typeof(double) || type == typeof(decimal) ? new JsonObject { ["type"] = "number" }
        : type == typeof(Guid) ? new JsonObject { ["type"] = "string", ["format"] = "uuid" }
        : type == typeof(DateOnly) ? new JsonObject { ["type"] = "string", ["format"] = "date" }
        : type == typeof(DateTime) || type == typeof(DateTimeOffset) ? CommonSchemas.Ref(CommonSchemas.Time)
        : type == typeof(JsonElement) || typeof(JsonNode).IsAssignableFrom(type) || type == typeof(object) ? []
        : null;

    private JsonObject KindsOf(Type type, JsonPolymorphismOptions kinds, JsonSerializerOptions options)
    {
        var (choice, mapping) = (new JsonArray(), new JsonObject());
        foreach (var kind in kinds.DerivedTypes)
        {
            var name = (string)kind.TypeDiscriminator!;
            var reference = components.Add(
                NameOf(kind.DerivedType),
                kind.DerivedType.FullName!,
                () => KindOf(kinds.TypeDiscriminatorPropertyName, name, options.GetTypeInfo(kind.DerivedType))
            );
            mapping[name] = reference["$ref"]!.GetValue<string>();
            choice.Add(reference);
        }
        return new JsonObject
        {
            ["description"] = comments.SummaryOf(type) ?? $"One of {string.Join(", ", mapping.Select(kind => kind.Key))}.",
            ["oneOf"] = choice,
            ["discriminator"] = new JsonObject { ["propertyName"] = kinds.TypeDiscriminatorPropertyName, ["mapping"] = mapping },
        };
    }

    // What derived records have more, nothing says but that it is there.
    private JsonObject FormsOf(JsonTypeInfo info, JsonPolymorphismOptions forms, JsonSerializerOptions options)
    {
        var least = components.Add(NameOf(info.Type), info.Type.FullName!, () => ObjectOf(info));
        return new JsonObject { ["anyOf"] = new JsonArray([.. forms.DerivedTypes.Select(form => Of(form.DerivedType, options)), least]) };
    }

    private JsonObject KindOf(string property, string name, JsonTypeInfo info)
    {
        var schema = ObjectOf(info);
        schema["properties"]!.AsObject().Insert(0, property, new JsonObject { ["const"] = name });
        var required = schema["required"]?.AsArray() ?? [];
        required.Insert(0, property);
        schema["required"] = required;
        return schema;
    }

    private JsonObject PropertyOf(JsonTypeInfo info, JsonPropertyInfo property)
    {
        var schema = HasOwnLimit(property)
            ? Of(property.PropertyType, info.Options)
            : ByName(property) ?? Of(property.PropertyType, info.Options);
        foreach (var attribute in property.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [])
        {
            Apply(attribute, schema);
        }
        var isNullable = property.IsGetNullable && !MayBeLeftOut(property) && schema.Count > 0;
        schema = isNullable ? OrNull(schema) : schema;
        var name = ((MemberInfo?)property.AttributeProvider)?.Name ?? property.Name;
        if (comments.PropertyOf(info.Type, name) is { } comment)
        {
            schema["description"] = comment;
        }
        return schema;
    }

    private static JsonObject? ByName(JsonPropertyInfo property) =>
        (property.Name, property.PropertyType) switch
        {
            (Slug, { } type) when type == typeof(string) => CommonSchemas.Ref(CommonSchemas.Slug),
            (Locale, { } type) when type == typeof(string) => CommonSchemas.Ref("Locale"),
            (Href, { } type) when type == typeof(string) => new JsonObject { ["type"] = "string", ["format"] = "uri-reference" },
            (Version, { } type) when type == typeof(long) => new JsonObject
            {
                ["type"] = "integer",
                ["format"] = "int64",
                ["minimum"] = 0,
            },
            _ => null,
        };

    private static void Apply(object attribute, JsonObject schema)
    {
        if (attribute is AllowedValuesAttribute { Values: { } values })
        {
            schema["enum"] = new JsonArray([.. values.Select(value => JsonSerializer.SerializeToNode(value))]);
        }
        if (attribute is MaxLengthAttribute { Length: var length })
        {
            schema["maxLength"] = length;
        }
    }

    // Not what others of its name are.
    private static bool HasOwnLimit(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(MaxLengthAttribute), inherit: true).Length > 0;

    private static bool MayBeLeftOut(JsonPropertyInfo property) =>
        property
            .AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true)
            .OfType<JsonIgnoreAttribute>()
            .Any(ignore => ignore.Condition == JsonIgnoreCondition.WhenWritingNull)
        ?? false;

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is not { } type)
        {
            return new JsonObject { ["oneOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        }
        schema["type"] = new JsonArray(type.DeepClone(), "null");
        return schema;
    }
}
