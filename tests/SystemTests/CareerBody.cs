using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackendGuide.SystemTests;

/// <summary>A career as an editor sends it back.</summary>
internal static class CareerBody
{
    /// <summary>What was read, without what the service alone says and with each topic by its slug.</summary>
    public static JsonObject From(JsonElement career)
    {
        var body = JsonNode.Parse(career.GetRawText())!.AsObject();
        foreach (var mine in new[] { "slug", "version", "publishedAt", "updatedAt" })
        {
            body.Remove(mine);
        }
        foreach (var step in body["learningPath"]!.AsArray())
        {
            step!["topics"] = new JsonArray([.. step["topics"]!.AsArray().Select(topic => (JsonNode)topic!["slug"]!.GetValue<string>())]);
        }
        return body;
    }
}
