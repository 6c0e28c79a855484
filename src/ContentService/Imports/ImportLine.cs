using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Imports;

/// <summary>A guide as a line has it.</summary>
/// <param name="Key">Which guide it is to be.</param>
/// <param name="Body">What it says.</param>
/// <param name="Json">The same, as it is kept.</param>
/// <param name="IsPublished">True where the public is to have it.</param>
internal sealed record ImportedGuide(GuideKey Key, GuideBody Body, string Json, bool IsPublished);

/// <summary>A line of an import: a guide, or what is wrong with it.</summary>
/// <param name="Number">From 1; blank lines count.</param>
/// <param name="Slug">As the line has it; null where it has none that could be one.</param>
/// <param name="Guide">Null where it is rejected.</param>
/// <param name="Errors">Path to messages, as in a 400; empty where there is a guide.</param>
/// <param name="Bytes">About what it takes in memory.</param>
internal sealed record ImportLine(long Number, string? Slug, ImportedGuide? Guide, IReadOnlyDictionary<string, string[]> Errors, int Bytes);
