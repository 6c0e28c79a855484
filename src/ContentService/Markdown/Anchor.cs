using System.Text;

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
            if (char.IsLetterOrDigit(c))
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
}
