using System.Text;
using System.Text.Json;
using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// Writes each block in the form that reads best; in its JSON where that form could not be read as the same again. What Markdown text may
/// mean to the reader is found out by reading it.
/// </summary>
internal static class GuideMarkdownWriter
{
    private const int ShortestFence = 3;
    private const int LongestKey = 1_000; // YAML wants the colon of a key within 1,024 characters

    public static string Write(GuideBody guide, string? slug, string? locale)
    {
        var text = new StringBuilder();
        text.Append("---\n").Append("title: ").Append(YamlText.Write(guide.Title)).Append('\n');
        if (guide.Summary.Length > 0)
        {
            text.Append("summary: ").Append(YamlText.Write(guide.Summary)).Append('\n');
        }
        if (guide.Tags.Count > 0)
        {
            text.Append("tags: ").Append(YamlText.Write(guide.Tags)).Append('\n');
        }
        if (slug is not null)
        {
            text.Append("slug: ").Append(YamlText.Write(slug)).Append('\n');
        }
        if (locale is not null)
        {
            text.Append("locale: ").Append(YamlText.Write(locale)).Append('\n');
        }
        text.Append("---\n");
        foreach (var section in guide.Sections)
        {
            text.Append('\n').Append(MarkdownHeading.Write(section.Heading, section.Id)).Append('\n');
            var isAfterText = false;
            foreach (var block in section.Blocks)
            {
                var written = Write(block, out var isText);
                if (isText && isAfterText)
                {
                    text.Append('\n').Append(PieceReader.Between).Append('\n');
                }
                text.Append('\n').Append(written).Append('\n');
                isAfterText = isText;
            }
        }
        return text.ToString();
    }

    private static string Write(Block block, out bool isText)
    {
        isText = block is MarkdownBlock { Text: var markdown } && IsReadAsText(markdown);
        return isText
            ? ((MarkdownBlock)block).Text
            : WriteFenced(block) ?? WriteFenced("block", JsonSerializer.Serialize(block, ContentJson.Stored));
    }

    // With a block after it: what it leaves open would take that in.
    private static bool IsReadAsText(string markdown) =>
        PieceReader.Read(MarkdownText.Of($"{markdown}\n\n{WriteFenced("career", "x")}\n"))
            is [Piece.Text text, Piece.Fence { Info: FenceInfo.Own { Kind: "career" } }]
        && text.Markdown == markdown;

    /// <summary>Null where only JSON can say it.</summary>
    private static string? WriteFenced(Block block) =>
        block switch
        {
            MarkdownBlock { Text: var text } when IsWhole(text) => WriteFenced("markdown", text),
            CodeBlock code when IsWhole(code.Code) && !IsBlank(code.Code) && FenceInfo.Write(code.Language, code.Title) is { } info =>
                Fence(info, code.Code),
            DefinitionsBlock definitions => WriteMap(
                "definitions",
                definitions.Items.Select(item => (YamlText.Write(item.Term), YamlText.Write(item.Text)))
            ),
            TechnologiesBlock technologies => WriteMap(
                "technologies",
                technologies.Categories.Select(category => (YamlText.Write(category.Name), YamlText.Write(category.Technologies)))
            ),
            GuidesBlock guides => WriteFenced("guides", WriteLines(guides.Guides.Select(slug => $"- {YamlText.Write(slug)}"))),
            CareerBlock career => WriteFenced("career", YamlText.Write(career.Career)),
            LearningPathBlock path => WriteFenced("learningPath", YamlText.Write(path.Career)),
            _ => null,
        };

    // A carriage return at the end would be taken for one of the line's end.
    private static bool IsWhole(string content) => !content.EndsWith('\r');

    // A fence around nothing is left in the text that it is in.
    private static bool IsBlank(string content) => string.IsNullOrWhiteSpace(content);

    private static string? WriteMap(string kind, IEnumerable<(string Key, string Value)> pairs)
    {
        var all = pairs.ToList();
        return all.Exists(pair => pair.Key.Length > LongestKey)
            ? null
            : WriteFenced(kind, WriteLines(all.Select(pair => $"- {pair.Key}: {pair.Value}")));
    }

    private static string WriteLines(IEnumerable<string> lines) => string.Join('\n', lines) is { Length: > 0 } some ? some : "[]";

    private static string WriteFenced(string kind, string content) => Fence($"{{{kind}}}", content);

    private static string Fence(string info, string content)
    {
        var mark = info.Contains('`', StringComparison.Ordinal) ? '~' : '`';
        var fence = new string(mark, Math.Max(ShortestFence, LongestRun(content, mark) + 1));
        return $"{fence}{info}\n{content}\n{fence}";
    }

    private static int LongestRun(string text, char of)
    {
        var (longest, run) = (0, 0);
        foreach (var c in text)
        {
            run = c == of ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        return longest;
    }
}
