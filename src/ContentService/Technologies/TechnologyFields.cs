namespace BackendGuide.ContentService.Technologies;

/// <summary>The top-level properties of a technology, by which <c>fields</c> chooses.</summary>
internal static class TechnologyFields
{
    public static IReadOnlyList<string> OfItem { get; } = ["slug", "name", "category", "summary", "website", "version", "updatedAt"];

    public static IReadOnlyList<string> All { get; } = [.. OfItem, "guides"];
}
