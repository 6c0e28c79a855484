using System.Buffers;
using Markdig;
using Markdig.Renderers;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// A line of Markdown, as a heading is one: emphasis, code, images, and the words of links, which may be shown within another one. Raw HTML is text, for
/// a heading that says <c>List&lt;T&gt;</c> means it.
/// </summary>
internal static class InlineMarkdown
{
    private const int LongestLine = 1_000;

    private static readonly SearchValues<char> s_marks = SearchValues.Create("\\`*_~[]<&");

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough)
        .DisableHtml()
        .Build();

    /// <summary>It as sanitized HTML.</summary>
    public static string ToHtml(string markdown) =>
        Render(markdown, isHtml: true) is { } html ? TextSanitizer.SanitizeInline(html) : HtmlText.Escape(markdown);

    /// <summary>Its words; it as it is, where it has none.</summary>
    public static string ToText(string markdown) =>
        Render(markdown, isHtml: false) is { } text && !string.IsNullOrWhiteSpace(text) ? text : markdown;

    /// <returns>Null where it says nothing but its words, or is no line.</returns>
    private static string? Render(string markdown, bool isHtml)
    {
        if (!markdown.AsSpan().ContainsAny(s_marks) || markdown.Length > LongestLine)
        {
            return null;
        }
        try
        {
            // As a heading's line nothing of it begins a list or a quotation; the marks at its end keep those that it has itself.
            var line = markdown.Replace('\n', ' ').Replace('\r', ' ');
            var document = Markdig.Markdown.Parse($"## {line} ##", s_pipeline);
            if (document is not [HeadingBlock { Inline: not null } heading])
            {
                return null;
            }
            using var written = new StringWriter();
            var renderer = new HtmlRenderer(written) { EnableHtmlForInline = isHtml, EnableHtmlEscape = isHtml };
            s_pipeline.Setup(renderer);
            renderer.ObjectRenderers.ReplaceOrAdd<LinkInlineRenderer>(new LinkText());
            renderer.ObjectRenderers.ReplaceOrAdd<AutolinkInlineRenderer>(new AutolinkText());
            renderer.WriteLeafInline(heading);
            return written.ToString();
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
        protected override void Write(HtmlRenderer renderer, AutolinkInline obj)
        {
            if (renderer.EnableHtmlEscape)
            {
                renderer.WriteEscape(obj.Url);
            }
            else
            {
                renderer.Write(obj.Url);
            }
        }
    }
}
