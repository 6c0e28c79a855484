using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;

namespace BackendGuide.ContentService.Markdown;

/// <summary>A line before which a text may be cut.</summary>
/// <param name="Line">The line.</param>
/// <param name="Number">Of an item of a numbered list: its number.</param>
/// <param name="Head">Of a row: the line of its table's head, which the line that parts it from the rows comes after.</param>
/// <param name="IsInside">True between two items or two rows.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CutPlace(int Line, int? Number = null, int? Head = null, bool IsInside = false);

/// <summary>
/// Finds where a text may be cut, line by line: never in a fence, a comment or an element whose lines are as they are, and never before what is indented.
/// What is missed costs a part that is too long; what is found wrongly would change what is read, so in doubt a line is no place.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="longestHead">How long a table's head may be, for each of its parts has it.</param>
internal sealed class CutPlaces(MarkdownText text, int longestHead)
{
    private static readonly (string Begin, string End)[] s_asItIs =
    [
        ("<!--", "-->"),
        ("<pre", "</pre>"),
        ("<script", "</script>"),
        ("<style", "</style>"),
    ];
    private static readonly SearchValues<char> s_belowAHead = SearchValues.Create("|-: \t\r");

    private string? _endOfAsItIs;
    private Fence? _fence;
    private List? _list;
    private int? _head;

    /// <summary>Reads the next line; null where no cut may be before it.</summary>
    public CutPlace? Read(int line)
    {
        var content = text[line].Trim(" \t\r");
        if (content.IsEmpty)
        {
            _head = null;
            return null;
        }
        var indent = Columns(text[line]);
        var isInItem = _list is { } open && indent >= open.Content;
        if (_fence is { IsInItem: true } && !isInItem)
        {
            _fence = null; // it ends with its item
        }
        if (_endOfAsItIs is { } end)
        {
            _endOfAsItIs = content.Contains(end, StringComparison.OrdinalIgnoreCase) ? null : end;
            return null;
        }
        if (_fence is { } fence)
        {
            // Further in it is of the code.
            var ends = (fence.IsInItem || indent <= 3) && content.Length >= fence.Length && !content.ContainsAnyExcept(fence.Mark);
            _fence = ends ? null : fence;
            return null;
        }
        if (isInItem)
        {
            _fence = FenceOf(WithoutMarkers(content), isInItem: true);
            return null;
        }
        var isAfterBlank = line == 0 || text.IsBlank(line - 1);
        return
            indent <= 3
            && !IsRule(content)
            && Item.Of(content) is { } item
            && ReadItem(line, item, indent, content, isAfterBlank, out var place)
            ? place
            : ReadOther(line, indent, content, isAfterBlank);
    }

    private bool ReadItem(int line, Item item, int indent, ReadOnlySpan<char> content, bool isAfterBlank, out CutPlace? place)
    {
        var goesOn = _list is { } list && list.Mark == item.Mark;
        place = null;
        if (_list is null && !isAfterBlank && item.Number is not (null or 1))
        {
            return false; // a line of a paragraph
        }
        var number = goesOn ? _list!.Value.Number + 1 : item.Number;
        _list = new(item.Mark, indent + item.Width, number);
        _head = null;
        _fence = FenceOf(WithoutMarkers(content), isInItem: true);
        place = goesOn && item.Length < content.Length ? new CutPlace(line, number, IsInside: true) : null;
        return true;
    }

    private CutPlace? ReadOther(int line, int indent, ReadOnlySpan<char> content, bool isAfterBlank)
    {
        if (
            _list is not null
            && !isAfterBlank
            && content[0] is not ('#' or '>' or '<')
            && !IsRule(content)
            && FenceOf(content, false) is null
        )
        {
            return null; // of the item's paragraph, though it is not indented
        }
        _list = null;
        CutPlace? place = line > 0 && isAfterBlank && IsOwn(text[line][0]) ? new CutPlace(line) : null;
        _fence = FenceOf(content, isInItem: false);
        foreach (var (begin, end) in s_asItIs)
        {
            if (
                content.StartsWith(begin, StringComparison.OrdinalIgnoreCase)
                && (begin[^1] == '-' || content.Length == begin.Length || content[begin.Length] is ' ' or '\t' or '>')
                && !content.Contains(end, StringComparison.OrdinalIgnoreCase)
            )
            {
                _endOfAsItIs = end;
            }
        }
        if (_fence is not null || content[0] is '#' or '>' or '<')
        {
            _head = null;
        }
        else if (_head is { } head)
        {
            return line > head + 2 && content.Contains('|') ? new CutPlace(line, Head: head, IsInside: true) : null;
        }
        else if (indent <= 3 && IsHead(line, content, isAfterBlank))
        {
            _head = line;
        }
        return place;
    }

    private bool IsHead(int line, ReadOnlySpan<char> content, bool isAfterBlank) =>
        (isAfterBlank || text[line - 1].StartsWith("#"))
        && content.Contains('|')
        && line + 1 < text.Lines.Count
        && text[line + 1] is var below
        && below.Contains('-')
        && below.Contains('|')
        && !below.ContainsAnyExcept(s_belowAHead)
        && text.Lines[line + 1].End - text.Lines[line].Start <= longestHead;

    private static bool IsOwn(char c) => !char.IsWhiteSpace(c) && c is not ('-' or '*' or '+' or ':') && !char.IsAsciiDigit(c);

    private static bool IsRule(ReadOnlySpan<char> content) =>
        content[0] is '-' or '*' or '_' && content.Count(content[0]) >= 3 && content.IndexOfAnyExcept(content[0], ' ', '\t') < 0;

    private static ReadOnlySpan<char> WithoutMarkers(ReadOnlySpan<char> content)
    {
        while (Item.Of(content) is { } item)
        {
            content = content[Math.Min(item.Length, content.Length)..].TrimStart(" \t");
        }
        return content;
    }

    private static Fence? FenceOf(ReadOnlySpan<char> content, bool isInItem)
    {
        if (content.IsEmpty || content[0] is not ('`' or '~'))
        {
            return null;
        }
        var mark = content[0];
        var other = content.IndexOfAnyExcept(mark);
        var length = other < 0 ? content.Length : other;
        return length >= 3 && !(mark == '`' && content[length..].Contains('`')) ? new(mark, length, isInItem) : null;
    }

    private static int Columns(ReadOnlySpan<char> line)
    {
        var columns = 0;
        foreach (var c in line)
        {
            if (c is not (' ' or '\t'))
            {
                break;
            }
            columns += c == '\t' ? 4 - (columns % 4) : 1;
        }
        return columns;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Fence(char Mark, int Length, bool IsInItem);

    /// <param name="Mark">What marks its items.</param>
    /// <param name="Content">The column from which on lines are of its last item.</param>
    /// <param name="Number">Of its last item.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct List(char Mark, int Content, int? Number);

    /// <param name="Mark">What marks it: a bullet, or what follows a number.</param>
    /// <param name="Length">Of the mark.</param>
    /// <param name="Width">Of the mark and the blanks after it.</param>
    /// <param name="Number">Of one that is numbered.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Item(char Mark, int Length, int Width, int? Number)
    {
        private const int MostDigits = 9;

        public static Item? Of(ReadOnlySpan<char> content)
        {
            var other = content.IndexOfAnyExceptInRange('0', '9');
            var digits = other < 0 ? content.Length : other;
            if (
                digits == content.Length
                || digits > MostDigits
                || !(digits == 0 ? content[0] is '-' or '*' or '+' : content[digits] is '.' or ')')
                || (content.Length > digits + 1 && content[digits + 1] is not (' ' or '\t'))
            )
            {
                return null;
            }
            var length = digits + 1;
            var blanks = Columns(content[length..]);
            return new(
                content[digits],
                length,
                length + (blanks is >= 1 and <= 4 ? blanks : 1),
                digits == 0 ? null : int.Parse(content[..digits], CultureInfo.InvariantCulture)
            );
        }
    }
}
