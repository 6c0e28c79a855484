using System.Text.RegularExpressions;
using AngleSharp.Html.Parser;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// The comments of a line, and its tags that are meant as HTML: of an element that is known, with an attribute that has a value or with its other half, so that
/// <c>Pair&lt;A&gt;</c> and <c>The &lt;b&gt; element</c> keep their words.
/// </summary>
internal sealed partial class InlineTags
{
    private static readonly HashSet<string> s_known = Set(
        "a abbr b bdi bdo big br cite code del dfn em font i img ins kbd mark q s samp small span strike strong sub sup tt u var wbr"
    );

    private static readonly HashSet<string> s_alone = Set("br img wbr");

    private readonly HashSet<HtmlInline> _tags = [];

    private InlineTags() { }

    public bool Any => _tags.Count > 0;

    public static InlineTags Of(HeadingBlock line)
    {
        var found = new InlineTags();
        var open = new Dictionary<string, Stack<HtmlInline>>(StringComparer.OrdinalIgnoreCase);
        foreach (var inline in line.Inline!.FindDescendants<HtmlInline>())
        {
            if (inline.Tag.StartsWith("<!--", StringComparison.Ordinal))
            {
                found._tags.Add(inline);
            }
            else if (Tag.Match(inline.Tag) is { Success: true } tag && s_known.Contains(tag.Groups["name"].Value))
            {
                found.Add(inline, tag, open);
            }
        }
        return found;
    }

    public bool Contains(HtmlInline tag) => _tags.Contains(tag);

    /// <summary>What is read where a tag is left out.</summary>
    public static string InPlaceOf(HtmlInline tag) => tag.Tag.StartsWith("<br", StringComparison.OrdinalIgnoreCase) ? " " : "";

    /// <summary>The ids of the tags, and the names of those that are places to link to.</summary>
    public IReadOnlyList<string> Names()
    {
        if (!Any)
        {
            return [];
        }
        using var document = new HtmlParser().ParseDocument(string.Concat(_tags.Select(tag => tag.Tag)));
        return
        [
            .. document
                .QuerySelectorAll("[id],a[name]")
                .SelectMany(element =>
                    (string?[])[element.GetAttribute("id"), element.LocalName == "a" ? element.GetAttribute("name") : null]
                )
                .OfType<string>()
                .Where(name => name.Length > 0)
                .Distinct(StringComparer.Ordinal),
        ];
    }

    private void Add(HtmlInline inline, Match tag, Dictionary<string, Stack<HtmlInline>> open)
    {
        var name = tag.Groups["name"].Value;
        if (tag.Groups["end"].Success)
        {
            if (open.TryGetValue(name, out var begun) && begun.TryPop(out var other))
            {
                _tags.Add(other);
                _tags.Add(inline);
            }
            return;
        }
        if (tag.Groups["attributes"].Success || s_alone.Contains(name))
        {
            _tags.Add(inline);
        }
        if (!open.TryGetValue(name, out var before))
        {
            open.Add(name, before = []);
        }
        before.Push(inline);
    }

    private static HashSet<string> Set(string words) => new(words.Split(' '), StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex(
        @"^<(?<end>/)?(?<name>[A-Za-z][A-Za-z0-9-]*)(?<attributes>\s+[^\s/>=]+\s*=)?",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Tag { get; }
}
