using System.ComponentModel.DataAnnotations;
using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Exports;

/// <summary>A public guide as an export has it, and an import takes it.</summary>
internal sealed record ExportedGuide(
    string Slug,
    string Locale,
    string Title,
    string Summary,
    IReadOnlyList<string> Tags,
    IReadOnlyList<Section> Sections
)
{
    /// <summary>It is public here, and is to be there.</summary>
    [AllowedValues(true)]
    public bool Publish { get; } = true;
}
