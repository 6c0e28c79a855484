using System.Text.RegularExpressions;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// Cuts Markdown into <see cref="Piece"/>s, line by line, each line once: headings of the first two levels and fenced blocks at the left margin, and
/// the text between them. It knows as much of CommonMark as it takes not to be misled: what is in a list, a quotation, another fence or raw HTML
/// is none of these. A parser of all of it (Markdig) takes seconds for some hostile texts, which is no matter where it only shows them in parts.
/// </summary>
internal sealed partial class PieceReader
{
    /// <summary>A line that only parts two blocks of text.</summary>
    public const string Between = "<!-- block -->";

    private enum Paragraph
    {
        None,
        Own,
        OfAnother,
    }

    private readonly MarkdownText _text;
    private readonly List<Piece> _pieces = [];
    private int _line;
    private int _textStart;
    private Paragraph _paragraph;
    private int _paragraphStart;
    private bool _isInList;
    private Piece.Heading? _deeper; // the first one of the text
    private string? _htmlEnd; // empty where a blank line ends it

    private PieceReader(MarkdownText text, int from) => (_text, _line, _textStart) = (text, from, from);

    /// <summary>Reads the lines from one on.</summary>
    public static IReadOnlyList<Piece> Read(MarkdownText text, int from = 0)
    {
        var reader = new PieceReader(text, from);
        while (reader._line < text.Lines.Count)
        {
            reader.ReadLine();
        }
        reader.EndText(text.Lines.Count);
        return reader._pieces;
    }

    private void ReadLine()
    {
        var line = _text[_line];
        if (_htmlEnd is { } end)
        {
            var isLast = end.Length == 0 ? _text.IsBlank(_line) : line.Contains(end, StringComparison.OrdinalIgnoreCase);
            _htmlEnd = isLast ? null : end;
            _line++;
            return;
        }
        if (_text.IsBlank(_line))
        {
            _paragraph = Paragraph.None;
            _line++;
            return;
        }
        var content = line.TrimStart(" \t");
        var indent = Indent(line[..^content.Length]);
        // Four columns are code, or go on with a paragraph; what is indented at all may be of a list.
        if (indent >= 4 || (_isInList && indent > 0))
        {
            _line++;
            return;
        }
        if (!TryReadSetext(content) && !TryReadFence(content, indent) && !TryReadHtml(content) && !TryReadHeading(content))
        {
            ReadOther(content);
        }
    }

    private bool TryReadSetext(ReadOnlySpan<char> content)
    {
        var marks = content.TrimEnd(" \t\r");
        if (_paragraph != Paragraph.Own || marks[0] is not ('=' or '-') || marks.ContainsAnyExcept(marks[0]))
        {
            return false;
        }
        var lines = Enumerable.Range(_paragraphStart, _line - _paragraphStart).Select(i => _text[i].Trim(" \t\r").ToString());
        var heading = new Piece.Heading(_paragraphStart + 1, marks[0] == '=' ? 1 : 2, string.Join(' ', lines));
        if (SaysNothing(heading))
        {
            return false;
        }
        AddSpecial(heading, _paragraphStart, _line + 1);
        return true;
    }

    private bool TryReadFence(ReadOnlySpan<char> content, int indent)
    {
        var mark = content[0];
        var length = content.IndexOfAnyExcept(mark) is >= 0 and var other ? other : content.Length;
        var info = content[length..].Trim(" \t\r");
        if (mark is not ('`' or '~') || length < 3 || (mark == '`' && info.Contains('`')))
        {
            return false;
        }
        var (first, end) = (_line, _line + 1);
        while (end < _text.Lines.Count && !IsEnd(_text[end], mark, length))
        {
            end++;
        }
        var isClosed = end < _text.Lines.Count;
        var said = indent == 0 ? FenceInfo.Read(info.ToString()) : null;
        if (said is FenceInfo.Own && !isClosed)
        {
            AddSpecial(new Piece.Unclosed(first + 1), first, end);
        }
        else if (said is not null && isClosed && (said is not FenceInfo.Code || _text.Slice(first + 1, end) is not null))
        {
            AddSpecial(new Piece.Fence(first + 1, said, _text.Raw(first + 1, end)), first, end + 1);
        }
        else
        {
            (_line, _paragraph, _isInList) = (Math.Min(end + 1, _text.Lines.Count), Paragraph.None, false); // it stays in the text
        }
        return true;
    }

    private bool TryReadHtml(ReadOnlySpan<char> content)
    {
        if (content[0] != '<')
        {
            return false;
        }
        if (_text[_line].TrimEnd(" \t\r").SequenceEqual(Between))
        {
            AddSpecial(null, _line, _line + 1);
            return true;
        }
        var end =
            content.StartsWith("<!--") ? "-->"
            : content.StartsWith("<?") ? "?>"
            : content.StartsWith("<![CDATA[") ? "]]>"
            : content.Length > 2 && content[1] == '!' && char.IsAsciiLetter(content[2]) ? ">"
            : RawTextTag.Match(content.ToString()) is { Success: true } raw ? $"</{raw.Groups["name"].Value}>"
            : BlockTag.IsMatch(content) || (_paragraph == Paragraph.None && LoneTag.IsMatch(content)) ? ""
            : null;
        if (end is null)
        {
            return false;
        }
        _htmlEnd = end.Length > 0 && content[2..].Contains(end, StringComparison.OrdinalIgnoreCase) ? null : end;
        (_paragraph, _isInList) = (Paragraph.None, false);
        _line++;
        return true;
    }

    private bool TryReadHeading(ReadOnlySpan<char> content)
    {
        var level = content.IndexOfAnyExcept('#') is >= 0 and var other ? other : content.Length;
        if (level is 0 or > 6 || (level < content.Length && content[level] is not (' ' or '\t' or '\r')))
        {
            return false;
        }
        var heading = new Piece.Heading(_line + 1, level, WithoutClosingMarks(content[level..].Trim(" \t\r")));
        var saysNothing = SaysNothing(heading);
        if (level <= 2 && !saysNothing)
        {
            AddSpecial(heading, _line, _line + 1);
            return true;
        }
        _deeper ??= saysNothing ? null : heading;
        (_paragraph, _isInList) = (Paragraph.None, false);
        _line++;
        return true;
    }

    private void ReadOther(ReadOnlySpan<char> content)
    {
        if (content[0] == '>')
        {
            (_paragraph, _isInList) = (Paragraph.OfAnother, false);
        }
        else if (Rule.IsMatch(content))
        {
            (_paragraph, _isInList) = (Paragraph.None, false);
        }
        else if (
            ListItem.Match(content.ToString()) is { Success: true } item
            && (_paragraph != Paragraph.Own || !item.Groups["later"].Success)
        )
        {
            (_paragraph, _isInList) = (Paragraph.OfAnother, true);
        }
        else if (_paragraph == Paragraph.None && !(content[0] == '[' && content.Contains("]:", StringComparison.Ordinal)))
        {
            (_paragraph, _paragraphStart, _isInList) = (Paragraph.Own, _line, false); // and not the definition of a link
        }
        _line++;
    }

    private void AddSpecial(Piece? piece, int start, int next)
    {
        EndText(start);
        if (piece is not null)
        {
            _pieces.Add(piece);
        }
        (_line, _textStart, _paragraph, _isInList) = (next, next, Paragraph.None, false);
    }

    private void EndText(int end)
    {
        if (_text.Slice(_textStart, end) is var (line, markdown))
        {
            _pieces.Add(new Piece.Text(line + 1, markdown) { Deeper = _deeper });
        }
        _deeper = null;
    }

    private static bool IsEnd(ReadOnlySpan<char> line, char mark, int length)
    {
        var content = line.TrimEnd(" \t\r").TrimStart(' ');
        return content.Length >= length && line.IndexOfAnyExcept(' ') <= 3 && !content.ContainsAnyExcept(mark);
    }

    private static int Indent(ReadOnlySpan<char> blanks)
    {
        var column = 0;
        foreach (var c in blanks)
        {
            column += c == '\t' ? 4 - (column % 4) : 1;
        }
        return column;
    }

    // No section can be called nothing: such a heading stays in the text.
    private static bool SaysNothing(Piece.Heading heading) => string.IsNullOrWhiteSpace(MarkdownHeading.Read(heading.Content).Text);

    private static string WithoutClosingMarks(ReadOnlySpan<char> content)
    {
        var rest = content.TrimEnd('#');
        return (rest.Length < content.Length && (rest.IsEmpty || rest[^1] is ' ' or '\t') ? rest.TrimEnd(" \t") : content).ToString();
    }

    [GeneratedRegex(@"^(([-+*])|(1[.)])|(?<later>\d{1,9}[.)]))([ \t\r]|\z)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ListItem { get; }

    [GeneratedRegex(@"^((\*[ \t]*){3,}|(-[ \t]*){3,}|(_[ \t]*){3,})\r?\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Rule { get; }

    [GeneratedRegex(
        @"^<(?<name>script|pre|style|textarea)([ \t\r>]|\z)",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase
    )]
    private static partial Regex RawTextTag { get; }

    [GeneratedRegex(
        @"^</?(address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)([ \t\r>]|/>|\z)",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase
    )]
    private static partial Regex BlockTag { get; }

    [GeneratedRegex(@"^</?[A-Za-z][A-Za-z0-9-]*([ \t][^<>]*)?/?>[ \t\r]*\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LoneTag { get; }
}
