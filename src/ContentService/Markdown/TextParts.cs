using System.Runtime.InteropServices;

namespace BackendGuide.ContentService.Markdown;

/// <summary>A part of a text.</summary>
/// <param name="Text">The part.</param>
/// <param name="Number">The number of the item that it begins with, where it goes on with a numbered list.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TextPart(string Text, int? Number);

/// <summary>
/// Cuts a long text where that changes nothing of what it means: at blank lines before what begins at the left margin, and is no list. Where there is
/// no such place, it is cut between two items of a list or two rows of a table, which are then two lists, or two tables with the same head.
/// </summary>
internal static class TextParts
{
    // Of a part. Each of a table's parts has its head: so these are at most a quarter longer than the table.
    private const int HeadsShare = 4;

    /// <summary>The text, in parts as long as they may be, or longer where there is no such place.</summary>
    public static IEnumerable<TextPart> Of(string markdown, int longest)
    {
        if (markdown.Length <= longest)
        {
            return [new(markdown, null)];
        }
        var text = MarkdownText.Of(markdown);
        var places = new CutPlaces(text, longest / HeadsShare);
        var parts = new List<TextPart>();
        var from = new CutPlace(0);
        CutPlace? lastWhole = null;
        CutPlace? lastInside = null;
        for (var line = 0; line < text.Lines.Count; line++)
        {
            if (places.Read(line) is { } place)
            {
                lastWhole = place.IsInside ? lastWhole : place;
                lastInside = place.IsInside ? place : lastInside;
            }
            while (text.Lines[line].End - text.Lines[from.Line].Start > longest && (After(lastWhole) ?? After(lastInside)) is { } cut)
            {
                parts.Add(Part(cut.Line));
                from = cut;
            }
        }
        parts.Add(Part(text.Lines.Count));
        return parts;

        CutPlace? After(CutPlace? place) => place?.Line > from.Line ? place : null;

        TextPart Part(int to) =>
            new(from.Head is { } head ? $"{text.Raw(head, head + 2)}\n{text.Raw(from.Line, to)}" : text.Raw(from.Line, to), from.Number);
    }
}
