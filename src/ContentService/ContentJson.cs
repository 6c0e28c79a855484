using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BackendGuide.ContentService;

/// <summary>The two forms of this service's JSON.</summary>
internal static class ContentJson
{
    /// <summary>What is sent: camelCase, with <c>resolved</c>.</summary>
    public static JsonSerializerOptions Public { get; } =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is kept: without <c>resolved</c>, and read in whatever order jsonb gives the properties.</summary>
    public static JsonSerializerOptions Stored { get; } =
        new(JsonSerializerDefaults.Web)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            AllowOutOfOrderMetadataProperties = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(DropResolved),
        };

    private static void DropResolved(JsonTypeInfo type)
    {
        if (type.Properties.FirstOrDefault(property => property.Name == "resolved") is { } resolved)
        {
            type.Properties.Remove(resolved);
        }
    }
}
