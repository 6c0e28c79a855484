using System.Globalization;
using System.Text;
using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// Where the links within a page lead: a table of contents in one section names what is in others. A text is written before those after it are known, so
/// such a link is first a mark, of U+0000, which no HTML has.
/// </summary>
internal sealed class PageLinks
{
    private const char Mark = '\0';

    private readonly HashSet<string> _sections;
    private readonly Dictionary<(string? Section, string Name), string> _names = [];
    private readonly Dictionary<string, string> _letters = new(StringComparer.Ordinal);
    private readonly List<(string Section, string Href)> _later = [];

    public PageLinks(IReadOnlyList<Section> sections)
    {
        _sections = sections.Select(section => section.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var section in sections)
        {
            AddLetters(section.Id, section.Id);
        }
        foreach (var section in sections)
        {
            AddLetters(InlineMarkdown.ToText(section.Heading), section.Id);
        }
    }

    /// <summary>Takes a name that something in a section has in its text, and its id in the page. The first counts.</summary>
    public void Add(string section, string name, string id)
    {
        _names.TryAdd((section, name), id);
        _names.TryAdd((null, name), id);
        AddLetters(name, id);
    }

    /// <summary>What stands for a link from a section until <see cref="Resolve"/>.</summary>
    public string Later(string section, string href)
    {
        _later.Add((section, href));
        return string.Create(CultureInfo.InvariantCulture, $"{Mark}{_later.Count - 1}{Mark}");
    }

    /// <summary>Writes the links of a text.</summary>
    public string Resolve(string html)
    {
        if (!html.Contains(Mark, StringComparison.Ordinal))
        {
            return html;
        }
        var parts = html.Split(Mark);
        var resolved = new StringBuilder(html.Length);
        foreach (var (i, part) in parts.Index())
        {
            var isLink = i % 2 == 1 && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < _later.Count;
            resolved.Append(isLink ? HtmlText.Escape(Find(_later[int.Parse(part, CultureInfo.InvariantCulture)])) : part);
        }
        return resolved.ToString();
    }

    private string Find((string Section, string Href) link)
    {
        var name = Uri.UnescapeDataString(link.Href[1..]);
        if (
            !_names.TryGetValue((link.Section, name), out var id)
            && !_sections.TryGetValue(name, out id)
            && !_names.TryGetValue((null, name), out id)
        )
        {
            // Every tool makes its own ids of headings, but all of the same letters.
            id = _letters.GetValueOrDefault(TextSlug.Letters(name));
        }
        return id is null ? link.Href : $"#{id}";
    }

    private void AddLetters(string name, string id)
    {
        if (TextSlug.Letters(name) is { Length: > 0 } letters)
        {
            _letters.TryAdd(letters, id);
        }
    }
}
