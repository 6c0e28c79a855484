using System.Buffers;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// How many cells the tables of a text may come to. Each row of one gets as many as its widest has, however few it says: of some kilobytes they would
/// become millions.
/// </summary>
internal static class PipeTables
{
    // Also in a quotation or a list.
    private static readonly SearchValues<char> s_belowAHead = SearchValues.Create("|-: \t>*+.)0123456789");

    /// <summary>
    /// At least as many as there will be: each stretch of lines without a blank one is taken for one table, if any of its lines could be the one
    /// below a table's head.
    /// </summary>
    public static long CountCells(ReadOnlySpan<char> markdown)
    {
        var (cells, lines, widest, isTable) = (0L, 0, 0, false);
        while (!markdown.IsEmpty)
        {
            var end = markdown.IndexOfAny('\n', '\r');
            var line = end < 0 ? markdown : markdown[..end];
            markdown = end < 0 ? default : markdown[(end + (markdown[end..].StartsWith("\r\n") ? 2 : 1))..];
            if (line.Trim(" \t").IsEmpty)
            {
                (cells, lines, widest, isTable) = (cells + (isTable ? (long)lines * widest : 0), 0, 0, false);
                continue;
            }
            lines++;
            widest = Math.Max(widest, line.Count('|') + 1);
            isTable |= line.Contains('-') && !line.ContainsAnyExcept(s_belowAHead);
        }
        return cells + (isTable ? (long)lines * widest : 0);
    }
}
