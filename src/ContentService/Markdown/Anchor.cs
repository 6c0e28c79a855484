using System.Globalization;
using System.Text;
using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Markdown;

/// <summary>What a heading within a text is called in links: as sections are named by theirs.</summary>
internal static class Anchor
{
    private const int MaxLength = 100;

    public static string Of(string text)
    {
        var name = new StringBuilder();
        foreach (var c in text.Length > MaxLength * 4 ? text[..(MaxLength * 4)] : text)
        {
            if (TextSlug.IsApostrophe(c))
            {
                continue;
            }
            // A mark is of the letter before it.
            if (char.IsLetterOrDigit(c) || (name.Length > 0 && name[^1] != '-' && IsMark(c)))
            {
                name.Append(char.ToLowerInvariant(c));
            }
            else if (name.Length > 0 && name[^1] != '-')
            {
                name.Append('-');
            }
        }
        var trimmed = name.ToString(0, Math.Min(name.Length, MaxLength)).Trim('-');
        return trimmed.Length == 0 ? "part" : trimmed;
    }

    private static bool IsMark(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
