using System.Text.Json;

namespace BackendGuide.ContentService.Markdown;

/// <summary>A heading with its id at the end: <c>Key Components {#key-components}</c>.</summary>
/// <param name="Text">The heading.</param>
/// <param name="Id">The id as it is written; null where there is none.</param>
internal sealed record MarkdownHeading(string Text, string? Id)
{
    private const string Begin = "{#";
    private const string Attribute = " heading=";

    /// <summary>Reads what follows the marks of a heading.</summary>
    public static MarkdownHeading Read(string content)
    {
        var begin = content.LastIndexOf(Begin, StringComparison.Ordinal);
        if (begin < 0 || !content.EndsWith('}'))
        {
            return new(content, null);
        }
        var before = content[..begin].TrimEnd(' ', '\t');
        var inside = content[(begin + Begin.Length)..^1];
        var end = inside.IndexOf(Attribute, StringComparison.Ordinal);
        var id = end < 0 ? inside : inside[..end];
        if (id.Length == 0 || id.AsSpan().ContainsAny(" \t{}\""))
        {
            return new(content, null);
        }
        if (end < 0)
        {
            return before.Length == 0 ? new(content, null) : new(before, id); // an id of nothing is the text
        }
        return before.Length == 0 && ReadText(inside[(end + Attribute.Length)..]) is { } text ? new(text, id) : new(content, null);
    }

    /// <summary>The line of a section's heading. Where a line cannot say the text as it is, it has it in quotes: <c>## {#id heading="…"}</c>.</summary>
    public static string Write(string text, string id)
    {
        var plain = $"## {text} {Begin}{id}}}";
        if (
            PieceReader.Read(MarkdownText.Of(plain)) is [Piece.Heading { Level: 2 } heading]
            && Read(heading.Content) == new MarkdownHeading(text, id)
        )
        {
            return plain;
        }
        // A brace in the quotes would be taken for the one that begins or ends it all.
        var quoted = JsonSerializer
            .Serialize(text)
            .Replace("{", @"\u007B", StringComparison.Ordinal)
            .Replace("}", @"\u007D", StringComparison.Ordinal);
        return $"## {Begin}{id}{Attribute}{quoted}}}";
    }

    private static string? ReadText(string quoted)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(quoted);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
