namespace BackendGuide.ContentService.Search;

/// <summary>
/// Makes HTML of a headline of PostgreSQL's. What is not plain text in it, and what PostgreSQL's parser would take for a tag or a path, is there as
/// control characters, which no entry has: so the text can be escaped as a whole, whatever it says.
/// </summary>
internal static class Snippet
{
    public const char LessThan = '\u0001';
    public const char GreaterThan = '\u0002';
    public const char Start = '\u0003';
    public const char Stop = '\u0004';
    public const char Slash = '\u0005';

    /// <summary>The snippet, in which only the marks are elements.</summary>
    public static string ToHtml(string headline) =>
        headline
            .Replace("&", "&amp;")
            .Replace("<", "&lt;")
            .Replace(">", "&gt;")
            .Replace("\"", "&quot;")
            .Replace("'", "&#39;")
            .Replace($"{LessThan}", "&lt;")
            .Replace($"{GreaterThan}", "&gt;")
            .Replace($"{Slash}", "/")
            .Replace($"{Start}", "<mark>")
            .Replace($"{Stop}", "</mark>");
}
