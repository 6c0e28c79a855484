using System.Text.RegularExpressions;

namespace BackendGuide.ContentService.Markdown;

/// <summary>The lines between two <c>---</c> at the top of a file, in YAML. What it says besides is the affair of whoever else reads the file.</summary>
/// <param name="Map">What it says; null where there is none.</param>
/// <param name="Next">The line after it, counted from 0.</param>
internal sealed partial record FrontMatter(YamlValue.Map? Map, int Next)
{
    // More than a title, a summary and tags of the greatest length can take, and what others write beside them.
    private const int MaxLength = 64 * 1024;

    // Further in than that a text is code.
    private const int MaxIndent = 3;

    private static readonly HashSet<string> s_names = new(["title", "summary", "description", "tags", "locale"], StringComparer.Ordinal);

    /// <summary>Reads it.</summary>
    /// <exception cref="YamlFaultException">It begins as front matter does, and is none that can be read.</exception>
    public static FrontMatter Read(MarkdownText text)
    {
        var none = new FrontMatter(null, 0);
        var first = text.Lines.Count == 0 ? "" : text[0].TrimEnd(" \t\r");
        if (first is "+++" || (first.StartsWith("---") && first[3..].Trim(" \t").Equals("toml", StringComparison.OrdinalIgnoreCase)))
        {
            throw new YamlFaultException(1, "has front matter in TOML: write it in YAML, between two lines of ---");
        }
        if (!first.SequenceEqual("---"))
        {
            return none;
        }
        var end = FindEnd(text);
        var (beginning, name) = Look(text, end ?? text.Lines.Count);
        if (beginning == Beginning.Rule || (beginning == Beginning.Doubtful && !IsDecided(text, end, name)))
        {
            return none;
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
    private static (Beginning Beginning, string First) Look(MarkdownText text, int end)
    {
        var blanks = false;
        for (var line = 1; line < end; line++)
        {
            var content = text[line].Trim(" \t\r").ToString();
            if (content is not ([] or ['#', ..]))
            {
                var unindented = text[line].TrimStart(' ');
                var indent = text[line].Length - unindented.Length;
                return indent == 0 && !blanks && Key.IsMatch(unindented) ? (Beginning.Yaml, "")
                    : indent <= MaxIndent && AnyKey.Match(unindented.ToString()) is { Success: true } key
                        ? (Beginning.Doubtful, key.Groups["name"].Value.Trim(' ', '"', '\''))
                    : (Beginning.Rule, "");
            }
            blanks |= content.Length == 0;
        }
        return (end == 1 && text.Lines.Count > 1 ? Beginning.Yaml : Beginning.Rule, "");
    }

    // What begins with one of our own names is meant for us, with its faults. Else it is front matter if it is a map, and has such a name or no
    // blank line before its end, as there is between a paragraph and a rule.
    private static bool IsDecided(MarkdownText text, int? end, string first)
    {
        if (end is not { } last || text.Raw(1, last) is not { Length: <= MaxLength } yaml)
        {
            return false;
        }
        if (s_names.Contains(first))
        {
            return true;
        }
        try
        {
            return YamlValue.Read($"{yaml}\n", firstLine: 2) is YamlValue.Map map
                && (!text.IsBlank(last - 1) || map.Pairs.Any(pair => s_names.Contains(pair.Key.Text)));
        }
        catch (YamlFaultException)
        {
            return false;
        }
    }

    private enum Beginning
    {
        Rule,
        Doubtful,
        Yaml,
    }

    [GeneratedRegex(
        """^([A-Za-z_][A-Za-z0-9_ .-]*|"[^"]+"|'[^']+')[ \t]*:([ \t\r]|\z)|^\{""",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Key { get; }

    // Also "$schema:", "og:title:" and names in whatever language.
    [GeneratedRegex(
        """^(?<name>[\p{L}\p{Nd}_$][\p{L}\p{M}\p{Nd}_ .:/$@-]*|"[^"]+"|'[^']+')[ \t]*:([ \t\r]|\z)""",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex AnyKey { get; }
}
