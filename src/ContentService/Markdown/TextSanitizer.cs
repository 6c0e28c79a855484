using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Ganss.Xss;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// Leaves of HTML what a text consists of. Ids are made unique and get the section's id and <c>--</c> before them, which no section's own id has,
/// and so do the links to them.
/// </summary>
internal static class TextSanitizer
{
    private static readonly HashSet<string> s_allowed = Set(
        "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i "
            + "img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var"
    );

    // What is in these is nothing to be read in a text, or is read by other rules than its own.
    private static readonly HashSet<string> s_withoutText = Set(
        "applet datalist embed frameset iframe math noembed noframes noscript object plaintext script select style svg template textarea "
            + "title xmp"
    );

    private static readonly HtmlSanitizer s_sanitizer = Create();

    /// <summary>Sanitizes a text. Its links to elsewhere in the page are written by <see cref="PageLinks.Resolve"/>, when all of the page is known.</summary>
    /// <param name="html">What Markdown and its raw HTML came to.</param>
    /// <param name="section">The id of the section that it is in.</param>
    /// <param name="ids">The ids of the page.</param>
    /// <param name="links">The names of the page.</param>
    public static string Sanitize(string html, string section, PageIds ids, PageLinks links)
    {
        using var document = s_sanitizer.SanitizeDom(WithoutUnknown(html));
        Rename(document, section, ids, links);
        foreach (var link in document.QuerySelectorAll<IHtmlAnchorElement>("a[href]"))
        {
            if (LinkPolicy.LeadsAway(link.GetAttribute("href")!))
            {
                link.SetAttribute("rel", LinkPolicy.Rel);
            }
        }
        return HtmlTree.WriteInner(document.Body!, WithTarget);
    }

    /// <summary>Sanitizes what has neither ids nor links.</summary>
    public static string SanitizeInline(string html)
    {
        using var document = s_sanitizer.SanitizeDom(html);
        return HtmlTree.WriteInner(document.Body!);
    }

    // An element that is not allowed leaves what is in it, and a named place has an id. That is done before the sanitizer reads it all again, which has the last word: what it leaves
    // is a tree that a parser made, from which nothing was taken but whole branches.
    private static string WithoutUnknown(string html)
    {
        using var document = new HtmlParser().ParseDocument($"<!doctype html><html><body>{html}");
        // What HTML called a place before it had ids; a name is not allowed, for scripts find elements by it.
        var named = document.Body!.QuerySelectorAll("a[name]:not([name='']):not([id])");
        foreach (var place in named)
        {
            place.SetAttribute("id", place.GetAttribute("name"));
        }
        return named.Length == 0 && document.Body.QuerySelectorAll("*").All(element => WantedOf(element) == Written.Whole)
            ? html
            : HtmlTree.WriteInner(document.Body, WantedOf);
    }

    private static Written WantedOf(IElement element) =>
        s_allowed.Contains(element.LocalName) ? Written.Whole
        : s_withoutText.Contains(element.LocalName) ? Written.Nothing
        : Written.Content;

    // A link or an image that may lead nowhere, such as to a file beside the text's own, is only its words.
    private static Written WithTarget(IElement element) =>
        element switch
        {
            IHtmlAnchorElement when !element.HasAttribute("href") && !element.HasAttribute("id") => Written.Content,
            IHtmlImageElement when !element.HasAttribute("src") => Written.Words,
            _ => Written.Whole,
        };

    private static void Rename(IHtmlDocument document, string section, PageIds ids, PageLinks links)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var element in document.QuerySelectorAll("[id],h1,h2,h3,h4,h5,h6"))
        {
            var old = element.GetAttribute("id");
            var name = ids.Take($"{section}--{Anchor.Of(old ?? element.TextContent)}");
            element.SetAttribute("id", name);
            names.TryAdd(old ?? Anchor.Of(element.TextContent), name);
            links.Add(section, old ?? Anchor.Of(element.TextContent), name);
        }
        foreach (var link in document.QuerySelectorAll("a[href^='#']"))
        {
            var fragment = Uri.UnescapeDataString(link.GetAttribute("href")![1..]);
            link.SetAttribute(
                "href",
                names.TryGetValue(fragment, out var name) ? $"#{name}" : links.Later(section, link.GetAttribute("href")!)
            );
        }
    }

    private static HtmlSanitizer Create()
    {
        var sanitizer = new HtmlSanitizer(
            new HtmlSanitizerOptions
            {
                AllowedTags = s_allowed,
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
