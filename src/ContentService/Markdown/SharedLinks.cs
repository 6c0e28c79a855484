using System.Text;
using System.Text.RegularExpressions;
using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// The definitions of links and footnotes in a guide's texts. A file often has all of them at its end, in its last section: each text that uses one
/// is rendered with it.
/// </summary>
internal sealed partial class SharedLinks
{
    private const int LongestDefinition = 2_000;

    private readonly Dictionary<string, string> _definitions = new(StringComparer.OrdinalIgnoreCase);

    private SharedLinks() { }

    public static SharedLinks Of(IReadOnlyList<Section> sections)
    {
        var links = new SharedLinks();
        foreach (var block in sections.SelectMany(section => section.Blocks).OfType<MarkdownBlock>())
        {
            foreach (var match in Definition.Matches(block.Text).Where(match => match.Length <= LongestDefinition))
            {
                links._definitions.TryAdd(match.Groups["label"].Value, match.Value.Trim()); // the first counts
            }
        }
        return links;
    }

    /// <summary>What to add to a text: the definitions that it uses and does not have.</summary>
    public string For(string text)
    {
        if (_definitions.Count == 0)
        {
            return "";
        }
        var own = Definition.Matches(text).Select(match => match.Groups["label"].Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var added = new StringBuilder();
        foreach (Match match in Use.Matches(text))
        {
            if (_definitions.TryGetValue(match.Groups["label"].Value, out var definition) && own.Add(match.Groups["label"].Value))
            {
                added.Append("\n\n").Append(definition); // a blank line before each: else it would be of the footnote before it
            }
        }
        return added.ToString();
    }

    // A footnote goes on in the lines of its paragraph, and after blank ones in those that are indented. A link's address may be in the next line, if there is nothing but a title after it.
    [GeneratedRegex(
        @"^ {0,3}\[(?<label>\^[^\[\]\r\n]+)\]:[^\r\n]*(\r?\n[ \t]+[^ \t\r\n][^\r\n]*|\r?\n[^ \t\r\n\[#>*+`~|<-][^\r\n]*|(\r?\n[ \t]*)+\r?\n[ \t]+[^ \t\r\n][^\r\n]*)*"
            + @"|^ {0,3}\[(?<label>[^\[\]\r\n]+)\]:[ \t]*[^ \t\r\n][^\r\n]*"
            + @"|^ {0,3}\[(?<label>[^\[\]\r\n]+)\]:[ \t]*\r?\n[ \t]*[^ \t\r\n\[][^ \t\r\n]*([ \t]+(""[^""\r\n]*""|'[^'\r\n]*'|\([^()\r\n]*\)))?[ \t]*\r?$",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.Multiline
    )]
    private static partial Regex Definition { get; }

    [GeneratedRegex(@"\[(?<label>[^\[\]\r\n]+)\]", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Use { get; }
}
