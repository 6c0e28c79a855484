namespace BackendGuide.ContentService.Markdown;

/// <summary>Cuts a long text where that changes nothing of what it means: at blank lines before what begins at the left margin, and is no list.</summary>
internal static class TextParts
{
    /// <summary>The text, in parts as long as they may be, or longer where there is no such place.</summary>
    public static IEnumerable<string> Of(string markdown, int longest)
    {
        if (markdown.Length <= longest)
        {
            return [markdown];
        }
        var text = MarkdownText.Of(markdown);
        var parts = new List<string>();
        var (from, lastPlace) = (0, 0);
        string? fence = null;
        for (var line = 0; line < text.Lines.Count; line++)
        {
            var trimmed = text[line].Trim(" \t\r");
            var isFence = trimmed.StartsWith("```") || trimmed.StartsWith("~~~");
            if (fence is null && line > 0 && text.IsBlank(line - 1) && trimmed.Length > 0 && IsOwn(text[line][0]))
            {
                lastPlace = line;
            }
            fence =
                !isFence ? fence
                : fence is null ? trimmed[..3].ToString()
                : trimmed.StartsWith(fence) ? null
                : fence;
            if (text.Lines[line].End - text.Lines[from].Start > longest && lastPlace > from)
            {
                parts.Add(text.Raw(from, lastPlace));
                from = lastPlace;
            }
        }
        parts.Add(text.Raw(from, text.Lines.Count));
        return parts;
    }

    private static bool IsOwn(char c) => !char.IsWhiteSpace(c) && c is not ('-' or '*' or '+') && !char.IsAsciiDigit(c);
}
