namespace BackendGuide.CareerService.Careers;

/// <summary>The top-level properties of a career, by which <c>fields</c> chooses.</summary>
internal static class CareerFields
{
    public static IReadOnlyList<string> OfItem { get; } =
    ["slug", "title", "summary", "outlook", "version", "publishedAt", "updatedAt", "levels"];

    public static IReadOnlyList<string> All { get; } = [.. OfItem, "learningPath"];
}
