using System.Buffers;
using System.Globalization;
using BackendGuide.ContentService.Guides;
using Markdig;
using Markdig.Extensions.Alerts;
using Markdig.Extensions.DefinitionLists;
using Markdig.Extensions.Footnotes;
using Markdig.Extensions.TaskLists;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// A Markdown text as sanitized HTML. Some texts cost Markdig time by the square of their length, so a longer one is rendered in parts, and what
/// cannot be parted, or is nested beyond sense, is shown as it was written.
/// </summary>
/// <param name="links">The definitions that the guide's texts share.</param>
/// <param name="pageLinks">The names of the page.</param>
/// <param name="highlighter">For code.</param>
internal sealed class TextHtml(SharedLinks links, PageLinks pageLinks, CodeHighlighter highlighter)
{
    private const int LongestPart = 16 * 1024;

    // An unclosed tag nests all that follows; nothing that anybody writes by hand has as many.
    private const int MostTags = 1_000;

    // Markdig pairs each with those before it. Where a quarter of a text is of them, nobody has written it to be read.
    private const int MostMarks = 4_000;
    private static readonly SearchValues<char> s_marks = SearchValues.Create("*_~[]>");

    // As many as a part's letters could say with a bar behind each, and as a guide's could. With more its tables are shown as they were written.
    private const int MostCellsOfAPart = LongestPart;
    private const int MostCells = GuideInput.MaxBytes / 2;

    // Each is nested in the one before it until it is known to be no cell's end.
    private const int MostBars = LongestPart / 2;

    private const int TopLevel = 3; // the title is the first, a section's heading the second

    private static readonly Dictionary<(bool WithHtml, bool WithTables), MarkdownPipeline> s_pipelines = new()
    {
        [(true, true)] = Extend(new MarkdownPipelineBuilder().UsePipeTables()).Build(),
        [(true, false)] = Extend(new MarkdownPipelineBuilder()).Build(),
        [(false, true)] = Extend(new MarkdownPipelineBuilder().UsePipeTables()).DisableHtml().Build(),
        [(false, false)] = Extend(new MarkdownPipelineBuilder()).DisableHtml().Build(),
    };

    private int _tagsLeft = MostTags;
    private long _cellsLeft = MostCells;

    /// <summary>The text as HTML, but for its links within the page, which <see cref="PageLinks.Resolve"/> writes.</summary>
    /// <param name="markdown">The text.</param>
    /// <param name="section">The id of the section that it is in.</param>
    /// <param name="ids">The ids of the page.</param>
    public string Render(string markdown, string section, PageIds ids) =>
        string.Join('\n', TextParts.Of(markdown, LongestPart).Select(part => RenderPart(part, section, ids)));

    private string RenderPart(TextPart part, string section, PageIds ids)
    {
        var source = part.Text + links.For(part.Text);
        if (source.Length > LongestPart * 2 || source.AsSpan().CountAny(s_marks) > MostMarks)
        {
            return Raw(part.Text);
        }
        return ToHtml(source, part.Number) is { } html ? TextSanitizer.Sanitize(html, section, ids, pageLinks) : Raw(part.Text);
    }

    /// <returns>Null for what is nested too deeply.</returns>
    private string? ToHtml(string source, int? number)
    {
        var tags = source.AsSpan().Count('<');
        var withHtml = tags <= _tagsLeft;
        _tagsLeft -= withHtml ? tags : 0;
        var cells = PipeTables.CountCells(source);
        var withTables = cells <= Math.Min(MostCellsOfAPart, _cellsLeft) && source.AsSpan().Count('|') <= MostBars;
        _cellsLeft -= withTables ? cells : 0;
        var pipeline = s_pipelines[(withHtml, withTables)];
        if (ByMarkdig(() => Markdig.Markdown.Parse(source, pipeline)) is not { } document)
        {
            return null;
        }
        foreach (var heading in document.Descendants<HeadingBlock>())
        {
            heading.Level = Math.Max(heading.Level, TopLevel);
        }
        if (number is { } start && document.FirstOrDefault() is ListBlock { IsOrdered: true } list)
        {
            list.OrderedStart = start.ToString(CultureInfo.InvariantCulture);
        }
        foreach (var unused in document.OfType<FootnoteGroup>().Where(group => group.Count == 0).ToList())
        {
            document.Remove(unused); // what is defined here is used elsewhere, where it is added
        }
        var codes = document.Descendants<Markdig.Syntax.CodeBlock>().ToDictionary(code => code, Highlight);
        using var html = new StringWriter();
        var renderer = new HtmlRenderer(html);
        pipeline.Setup(renderer);
        renderer.ObjectRenderers.ReplaceOrAdd<CodeBlockRenderer>(new HighlightedCode(codes));
        renderer.ObjectRenderers.ReplaceOrAdd<HtmlTaskListRenderer>(new TaskMark());
        renderer.ObjectRenderers.ReplaceOrAdd<AlertBlockRenderer>(new Alert());
        return ByMarkdig(() => renderer.Render(document)) is null ? null : html.ToString();
    }

    // Before anything is rendered, so that what is wrong with that is not taken for Markdig's.
    private string Highlight(Markdig.Syntax.CodeBlock code) =>
        highlighter.Highlight(code.Lines.ToString(), (code as FencedCodeBlock)?.Info);

    private static T? ByMarkdig<T>(Func<T> work)
        where T : class
    {
        try
        {
            return work();
        }
        catch (ArgumentException)
        {
            return null; // its word for what is nested too deeply
        }
    }

    private static string Raw(string part) => $"<pre>{HtmlText.Escape(part)}</pre>";

    private static MarkdownPipelineBuilder Extend(MarkdownPipelineBuilder builder)
    {
        // Before the extension puts its own there, which takes "~ 5 GB" for a definition as well.
        builder.BlockParsers.Insert(0, new DefinitionListParser { OpeningCharacters = [':'] });
        return builder
            .UseFootnotes()
            .UseAutoLinks()
            .UseTaskLists()
            .UseAlertBlocks()
            .UseDefinitionLists()
            .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough);
    }

    private sealed class HighlightedCode(Dictionary<Markdig.Syntax.CodeBlock, string> codes) : HtmlObjectRenderer<Markdig.Syntax.CodeBlock>
    {
        protected override void Write(HtmlRenderer renderer, Markdig.Syntax.CodeBlock obj) =>
            renderer.EnsureLine().Write("<pre><code>").Write(codes[obj]).WriteLine("</code></pre>");
    }

    // A form's field, which Markdig would write, is not allowed.
    private sealed class TaskMark : HtmlObjectRenderer<TaskList>
    {
        protected override void Write(HtmlRenderer renderer, TaskList obj) => renderer.Write(obj.Checked ? "☑" : "☐");
    }

    private sealed class Alert : HtmlObjectRenderer<AlertBlock>
    {
        protected override void Write(HtmlRenderer renderer, AlertBlock obj)
        {
            var kind = obj.Kind.ToString();
            renderer.EnsureLine().Write("<blockquote><p><strong>");
            renderer.WriteEscape(string.Concat(kind[..1].ToUpperInvariant(), kind[1..].ToLowerInvariant()));
            renderer.WriteLine("</strong></p>");
            var isTight = renderer.ImplicitParagraph; // of the list that it is in: its own paragraphs are some
            renderer.ImplicitParagraph = false;
            renderer.WriteChildren(obj);
            renderer.ImplicitParagraph = isTight;
            renderer.EnsureLine().WriteLine("</blockquote>");
        }
    }
}
