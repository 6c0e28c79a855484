using System.Text.RegularExpressions;

namespace BackendGuide.ContentService.Markdown;

/// <summary>The lines between two <c>---</c> at the top of a file, in YAML. What it says besides is the affair of whoever else reads the file.</summary>
/// <param name="Map">What it says; null where there is none.</param>
/// <param name="Next">The line after it, counted from 0.</param>
internal sealed partial record FrontMatter(YamlValue.Map? Map, int Next)
{
    // More than a title, a summary and tags of the greatest length can take, and what others write beside them.
    private const int MaxLength = 64 * 1024;

    /// <summary>Reads it.</summary>
    /// <exception cref="YamlFaultException">It begins as front matter does, and is none that can be read.</exception>
    public static FrontMatter Read(MarkdownText text)
    {
        var none = new FrontMatter(null, 0);
        var first = text.Lines.Count == 0 ? "" : text[0].TrimEnd(" \t\r");
        if (first.SequenceEqual("+++"))
        {
            throw new YamlFaultException(1, "has front matter in TOML: write it in YAML, between two lines of ---");
        }
        if (!first.SequenceEqual("---"))
        {
            return none;
        }
        var end = FindEnd(text);
        if (!BeginsAsYaml(text, end ?? text.Lines.Count))
        {
            return none; // a rule
        }
        if (end is not { } last)
        {
            throw new YamlFaultException(1, "begins front matter that no line of --- ends");
        }
        var yaml = text.Raw(1, last);
        if (yaml.Length > MaxLength)
        {
            throw new YamlFaultException(1, $"begins front matter of more than {MaxLength} characters");
        }
        return YamlValue.Read($"{yaml}\n", firstLine: 2) switch
        {
            YamlValue.Map map => new FrontMatter(map, last + 1),
            YamlValue.Nothing => new FrontMatter(null, last + 1),
            var other => throw new YamlFaultException(other.Line, "has front matter that is not a map of names to values"),
        };
    }

    private static int? FindEnd(MarkdownText text)
    {
        for (var line = 1; line < text.Lines.Count; line++)
        {
            if (text[line].TrimEnd(" \t\r") is "---" or "...")
            {
                return line;
            }
        }
        return null;
    }

    // A rule at the top of a text, and another one further down, look just like it.
    private static bool BeginsAsYaml(MarkdownText text, int end)
    {
        for (var line = 1; line < end; line++)
        {
            if (text[line] is not ['#', ..])
            {
                return Key.IsMatch(text[line]);
            }
        }
        return end == 1 && text.Lines.Count > 1;
    }

    [GeneratedRegex(
        """^([A-Za-z_][A-Za-z0-9_ .-]*|"[^"]+"|'[^']+')[ \t]*:([ \t\r]|\z)|^\{""",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Key { get; }
}
