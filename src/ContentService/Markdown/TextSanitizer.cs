using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Ganss.Xss;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// Leaves of HTML what a text consists of. Ids are made unique and get the section's id and <c>--</c> before them, which no section's own id has,
/// and so do the links to them.
/// </summary>
internal static class TextSanitizer
{
    private static readonly HtmlSanitizer s_sanitizer = Create();

    /// <summary>Sanitizes a text.</summary>
    /// <param name="html">What Markdown and its raw HTML came to.</param>
    /// <param name="section">The id of the section that it is in.</param>
    /// <param name="ids">The ids of the page.</param>
    public static string Sanitize(string html, string section, PageIds ids)
    {
        using var document = s_sanitizer.SanitizeDom(html);
        Rename(document, section, ids);
        foreach (var link in document.QuerySelectorAll<IHtmlAnchorElement>("a[href]"))
        {
            if (LinkPolicy.LeadsAway(link.GetAttribute("href")!))
            {
                link.SetAttribute("rel", LinkPolicy.Rel);
            }
        }
        return HtmlTree.WriteInner(document.Body!);
    }

    private static void Rename(IHtmlDocument document, string section, PageIds ids)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var element in document.QuerySelectorAll("[id],h1,h2,h3,h4,h5,h6"))
        {
            var old = element.GetAttribute("id");
            var name = ids.Take($"{section}--{Anchor.Of(old ?? element.TextContent)}");
            element.SetAttribute("id", name);
            names.TryAdd(old ?? Anchor.Of(element.TextContent), name);
        }
        foreach (var link in document.QuerySelectorAll("a[href^='#']"))
        {
            if (names.TryGetValue(link.GetAttribute("href")![1..], out var name))
            {
                link.SetAttribute("href", $"#{name}");
            }
        }
    }

    private static HtmlSanitizer Create()
    {
        var sanitizer = new HtmlSanitizer(
            new HtmlSanitizerOptions
            {
                AllowedTags = Set(
                    "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i "
                        + "img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var"
                ),
                AllowedAttributes = Set(
                    "alt class cite colspan height href id lang open reversed rowspan scope span src start title width"
                ),
                AllowedClasses = new HashSet<string>(CodeHighlighter.Classes),
                AllowedSchemes = Set("http https mailto"),
                UriAttributes = Set("cite href src"),
            }
        );
        sanitizer.FilterUrl += (_, url) =>
            url.SanitizedUrl =
                (url.Tag is IHtmlImageElement ? LinkPolicy.IsImage(url.OriginalUrl) : LinkPolicy.IsLink(url.OriginalUrl))
                    ? url.SanitizedUrl
                    : null;
        return sanitizer;
    }

    private static HashSet<string> Set(string words) => new(words.Split(' '), StringComparer.OrdinalIgnoreCase);
}
