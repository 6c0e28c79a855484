using System.Buffers;
using Markdig;
using Markdig.Renderers;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// A line of Markdown, as a heading is one: emphasis, code, images, and the words of links, which may be shown within another one. Of raw HTML the tags
/// and comments are left out that mean nothing but HTML (<see cref="InlineTags"/>); all else is text, for a heading that says <c>List&lt;T&gt;</c> means it.
/// </summary>
internal static class InlineMarkdown
{
    private const int LongestLine = 1_000;

    private static readonly SearchValues<char> s_marks = SearchValues.Create("\\`*_~[]<&");

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough)
        .Build();

    /// <summary>It as sanitized HTML.</summary>
    public static string ToHtml(string markdown) =>
        Render(markdown, isHtml: true) is { } html ? TextSanitizer.SanitizeInline(html) : HtmlText.Escape(markdown);

    /// <summary>Its words; it as it is, where it has none.</summary>
    public static string ToText(string markdown) =>
        Render(markdown, isHtml: false) is { } text && !string.IsNullOrWhiteSpace(text) ? text : markdown;

    /// <summary>The names and ids that tags in it have, which links lead to.</summary>
    public static IReadOnlyList<string> NamesIn(string markdown) =>
        markdown.Contains('<', StringComparison.Ordinal) && Parse(markdown) is { } heading ? InlineTags.Of(heading).Names() : [];

    /// <returns>Null where it says nothing but its words, or is no line.</returns>
    private static string? Render(string markdown, bool isHtml)
    {
        if (!markdown.AsSpan().ContainsAny(s_marks) || Parse(markdown) is not { } heading)
        {
            return null;
        }
        var tags = InlineTags.Of(heading);
        using var written = new StringWriter();
        var renderer = new HtmlRenderer(written) { EnableHtmlForInline = isHtml, EnableHtmlEscape = isHtml };
        s_pipeline.Setup(renderer);
        renderer.ObjectRenderers.ReplaceOrAdd<LinkInlineRenderer>(new LinkText());
        renderer.ObjectRenderers.ReplaceOrAdd<AutolinkInlineRenderer>(new AutolinkText());
        renderer.ObjectRenderers.ReplaceOrAdd<HtmlInlineRenderer>(new TagText(tags));
        renderer.WriteLeafInline(heading);
        var text = written.ToString();
        return tags.Any ? string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : text; // the blanks around them
    }

    private static HeadingBlock? Parse(string markdown)
    {
        if (markdown.Length > LongestLine)
        {
            return null;
        }
        try
        {
            // As a heading's line nothing of it begins a list or a quotation; the marks at its end keep those that it has itself.
            var line = markdown.Replace('\n', ' ').Replace('\r', ' ');
            return Markdig.Markdown.Parse($"## {line} ##", s_pipeline) is [HeadingBlock { Inline: not null } heading] ? heading : null;
        }
        catch (ArgumentException)
        {
            return null; // Markdig's word for what is nested too deeply
        }
    }

    private sealed class LinkText : LinkInlineRenderer
    {
        protected override void Write(HtmlRenderer renderer, LinkInline link)
        {
            if (link.IsImage)
            {
                base.Write(renderer, link);
            }
            else
            {
                renderer.WriteChildren(link);
            }
        }
    }

    private sealed class AutolinkText : AutolinkInlineRenderer
    {
        protected override void Write(HtmlRenderer renderer, AutolinkInline obj) => WriteText(renderer, obj.Url);
    }

    private sealed class TagText(InlineTags tags) : HtmlInlineRenderer
    {
        protected override void Write(HtmlRenderer renderer, HtmlInline obj) =>
            WriteText(renderer, tags.Contains(obj) ? InlineTags.InPlaceOf(obj) : obj.Tag);
    }

    private static void WriteText(HtmlRenderer renderer, string text)
    {
        if (renderer.EnableHtmlEscape)
        {
            renderer.WriteEscape(text);
        }
        else
        {
            renderer.Write(text);
        }
    }
}
