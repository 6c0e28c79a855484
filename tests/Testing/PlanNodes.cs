using System.Text.Json;

namespace BackendGuide.Testing;

/// <summary>The plans that PostgreSQL explains in JSON.</summary>
public static class PlanNodes
{
    /// <summary>A node and all below it.</summary>
    public static IEnumerable<JsonElement> Of(JsonElement node) =>
        node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray().SelectMany(Of).Prepend(node) : [node];
}
