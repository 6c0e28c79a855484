using System.ComponentModel.DataAnnotations;
using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Exports;

/// <summary>A public guide as an export has it, and an import takes it.</summary>
/// <param name="Slug">Its slug.</param>
/// <param name="Locale">Its locale.</param>
/// <param name="Title">Its title.</param>
/// <param name="Summary">Its summary.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Sections">Its sections, as a PUT takes them.</param>
/// <param name="Publish">True: it is public here, and is to be there.</param>
internal sealed record ExportedGuide(
    string Slug,
    string Locale,
    string Title,
    string Summary,
    IReadOnlyList<string> Tags,
    IReadOnlyList<Section> Sections,
    [property: AllowedValues(true)] bool Publish
);
