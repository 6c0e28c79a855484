using System.Text;
using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Markdown;

/// <summary>A line of a text: where it begins, where it ends, and where the next one begins. A carriage return before the line feed is of the line's end.</summary>
internal readonly record struct TextLine(int Start, int End, int Next);

/// <summary>A Markdown file as it came, in lines.</summary>
internal sealed class MarkdownText
{
    private MarkdownText(string text)
    {
        Text = text;
        Lines = Split(text);
    }

    public string Text { get; }

    public IReadOnlyList<TextLine> Lines { get; }

    public ReadOnlySpan<char> this[int line] => Text.AsSpan(Lines[line].Start, Lines[line].End - Lines[line].Start);

    public static MarkdownText Of(string text) => new(text);

    /// <summary>
    /// A file without what only belongs to files: the byte order mark, and the carriage returns where every line has one. Where only some have,
    /// they are of the texts.
    /// </summary>
    public static MarkdownText OfFile(string text)
    {
        var content = text.StartsWith('\uFEFF') ? text[1..] : text;
        return new(EndsAllLinesInCrLf(content) ? content.Replace("\r\n", "\n", StringComparison.Ordinal) : content);
    }

    /// <summary>A file with line feeds, where carriage returns alone end its lines: where it has both, these are of the texts.</summary>
    public static string WithLineFeeds(string text) => text.Contains('\n', StringComparison.Ordinal) ? text : text.Replace('\r', '\n');

    /// <summary>The first line, counted from 1, that no file can have, and what is wrong with it; null where there is none.</summary>
    public static (int Line, string Fault)? FindUnusable(string text)
    {
        var (line, bytes) = (1, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                return (line, "must not have a lone surrogate");
            }
            if (rune.Value == 0)
            {
                return (line, "must not have U+0000");
            }
            bytes += rune.Utf8SequenceLength;
            if (bytes > GuideMarkdown.MaxFileBytes)
            {
                return (line, $"a file must have at most {GuideMarkdown.MaxFileBytes} bytes, which end here");
            }
            line += rune.Value == '\n' ? 1 : 0;
            i += length - 1;
        }
        return null;
    }

    /// <summary>The line, counted from 1, in which the bytes end that a guide may have as JSON, if the text were a string of it; else the last line.</summary>
    public static int FindEnd(string text)
    {
        var (line, bytes) = (1, 0);
        foreach (var rune in text.AsSpan().TrimEnd("\r\n").EnumerateRunes())
        {
            bytes += GuideSize.OfCharacter(rune);
            if (bytes > GuideInput.MaxBytes)
            {
                return line;
            }
            line += rune.Value == '\n' ? 1 : 0;
        }
        return line;
    }

    public bool IsBlank(int line) => this[line].Trim(" \t\r").IsEmpty;

    /// <summary>The lines from one to another (without it) as they are, but for the blank ones at both ends; null where all are blank.</summary>
    public (int Line, string Text)? Slice(int from, int to)
    {
        while (from < to && IsBlank(from))
        {
            from++;
        }
        while (to > from && IsBlank(to - 1))
        {
            to--;
        }
        return from == to ? null : (from, Raw(from, to));
    }

    /// <summary>The lines from one to another (without it), without the end of the last.</summary>
    public string Raw(int from, int to) => from >= to ? "" : Text[Lines[from].Start..Lines[to - 1].End];

    private static List<TextLine> Split(string text)
    {
        var lines = new List<TextLine>();
        for (var start = 0; start < text.Length; )
        {
            var feed = text.IndexOf('\n', start);
            var next = feed < 0 ? text.Length : feed + 1;
            var end = feed < 0 ? text.Length : feed;
            lines.Add(new TextLine(start, feed > start && text[feed - 1] == '\r' ? end - 1 : end, next));
            start = next;
        }
        return lines;
    }

    private static bool EndsAllLinesInCrLf(string text)
    {
        var feeds = 0;
        for (var i = text.IndexOf('\n', StringComparison.Ordinal); i >= 0; i = text.IndexOf('\n', i + 1))
        {
            if (i == 0 || text[i - 1] != '\r')
            {
                return false;
            }
            feeds++;
        }
        return feeds > 0;
    }
}
