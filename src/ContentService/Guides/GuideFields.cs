namespace BackendGuide.ContentService.Guides;

/// <summary>The top-level properties of a guide, by which <c>fields</c> chooses.</summary>
internal static class GuideFields
{
    public static IReadOnlyList<string> OfItem { get; } =
    ["slug", "locale", "title", "summary", "tags", "status", "version", "publishedAt", "updatedAt"];

    public static IReadOnlyList<string> All { get; } = [.. OfItem, "sections"];
}
