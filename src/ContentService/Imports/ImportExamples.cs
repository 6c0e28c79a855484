using System.Text.Json;
using BackendGuide.ContentService.Exports;
using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Imports;

/// <summary>What the API's document shows of imports and exports.</summary>
internal static class ImportExamples
{
    /// <summary>The seed's guide as an export has it, and an import takes it.</summary>
    public static string Lines { get; } =
        Line(
            new ExportedGuide(
                GuideExamples.Guide.Slug,
                GuideExamples.Guide.Locale,
                GuideExamples.Guide.Title,
                GuideExamples.Guide.Summary,
                GuideExamples.Guide.Tags,
                GuideExamples.Guide.Sections,
                Publish: true
            )
        );

    public static string Results { get; } =
        Line(new ImportResult(1, GuideExamples.Guide.Slug, ImportResult.Created, Errors: null))
        + Line(new ImportResult(2, "draft", ImportResult.Rejected, new Dictionary<string, string[]> { ["$.title"] = ["is required"] }));

    private static string Line<T>(T value) => JsonSerializer.Serialize(value, ContentJson.Stored) + "\n";
}
