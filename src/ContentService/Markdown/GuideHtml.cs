using System.Globalization;
using System.Text;
using BackendGuide.ContentService.Guides;
using BackendGuide.Contracts;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// A guide as an HTML <c>article</c>. What is not Markdown is escaped; Markdown is rendered and sanitized, each text for itself, so that none can end
/// what is around it.
/// </summary>
internal sealed class GuideHtml
{
    private readonly StringBuilder _html = new();
    private readonly PageIds _ids;
    private readonly CodeHighlighter _highlighter = new(TimeProvider.System);
    private readonly TextHtml _texts;
    private readonly PageLinks _links;

    // Where in the HTML each text belongs.
    private readonly List<(int At, string Html)> _written = [];

    private GuideHtml(Guide guide)
    {
        _ids = new PageIds(guide.Sections.Select(section => section.Id));
        _links = new PageLinks(guide.Sections);
        _texts = new TextHtml(SharedLinks.Of(guide.Sections), _links, _highlighter);
    }

    /// <summary>Writes a guide with what is known of the things that it refers to.</summary>
    public static string Write(Guide guide)
    {
        var html = new GuideHtml(guide);
        html.WriteArticle(guide);
        return html.WithTexts();
    }

    private string WithTexts()
    {
        var (all, from) = (new StringBuilder(), 0);
        foreach (var (at, text) in _written)
        {
            all.Append(_html, from, at - from).Append(_links.Resolve(text));
            from = at;
        }
        return all.Append(_html, from, _html.Length - from).ToString();
    }

    private void WriteArticle(Guide guide)
    {
        Line($"<article lang=\"{Text(guide.Locale)}\">");
        Line("<header>");
        Line($"<h1>{Text(guide.Title)}</h1>");
        if (guide.Summary.Length > 0)
        {
            Line($"<p>{Text(guide.Summary)}</p>");
        }
        if (guide.Tags.Count > 0)
        {
            Line($"<ul class=\"tags\">{string.Concat(guide.Tags.Select(tag => $"<li>{Text(tag)}</li>"))}</ul>");
        }
        Line("</header>");
        foreach (var section in guide.Sections)
        {
            Line($"<section id=\"{Text(section.Id)}\">");
            Line($"<h2>{InlineMarkdown.ToHtml(section.Heading)}</h2>");
            foreach (var name in InlineMarkdown.NamesIn(section.Heading))
            {
                _links.Add(section.Id, name, section.Id);
            }
            foreach (var block in section.Blocks)
            {
                Write(block, section.Id);
            }
            Line("</section>");
        }
        Line("</article>");
    }

    private void Write(Block block, string section)
    {
        switch (block)
        {
            case MarkdownBlock markdown:
                _written.Add((_html.Length, _texts.Render(markdown.Text, section, _ids)));
                Line("");
                break;
            case DefinitionsBlock definitions:
                Line("<dl>");
                foreach (var item in definitions.Items)
                {
                    Line($"<dt>{Text(item.Term)}</dt>");
                    Line($"<dd>{Text(item.Text)}</dd>");
                }
                Line("</dl>");
                break;
            case CodeBlock code:
                Line("<figure>");
                if (!string.IsNullOrWhiteSpace(code.Title))
                {
                    Line($"<figcaption>{Text(code.Title)}</figcaption>");
                }
                Line($"<pre><code data-language=\"{Text(code.Language)}\">{_highlighter.Highlight(code.Code, code.Language)}</code></pre>");
                Line("</figure>");
                break;
            case TechnologiesBlock technologies:
                Line("<dl>");
                foreach (var category in technologies.Categories)
                {
                    Line($"<dt>{Text(category.Name)}</dt>");
                    foreach (var slug in category.Technologies)
                    {
                        var known = technologies.Resolved?.GetValueOrDefault(slug);
                        Line($"<dd>{Link(known?.Href, known?.Name ?? slug)}</dd>");
                    }
                }
                Line("</dl>");
                break;
            case GuidesBlock guides:
                Line("<ul>");
                foreach (var slug in guides.Guides)
                {
                    var known = guides.Resolved?.GetValueOrDefault(slug);
                    Line($"<li>{Link(known?.Href, known?.Title ?? slug)}</li>");
                }
                Line("</ul>");
                break;
            case CareerBlock career:
                WriteCareer(career);
                break;
            case LearningPathBlock path:
                WritePath(path);
                break;
        }
    }

    private void WriteCareer(CareerBlock block)
    {
        if (block.Resolved is not { } career)
        {
            Line($"<p>{Text(block.Career)}</p>");
            return;
        }
        Line($"<p>{Link(HrefOf(block.Career), career.Title)}</p>");
        if (career.Outlook.Length > 0)
        {
            Line($"<p>{Text(career.Outlook)}</p>");
        }
        if (career.Levels.Count > 0)
        {
            Line("<dl>");
            foreach (var level in career.Levels)
            {
                Line($"<dt>{Text(level.Title)}</dt>");
                if (level.Salary is { } salary)
                {
                    Line($"<dd>{Text(Figure(salary))} ({Source(salary)})</dd>");
                }
            }
            Line("</dl>");
        }
    }

    private void WritePath(LearningPathBlock block)
    {
        if (block.Resolved is not { } path)
        {
            Line($"<p>{Text(block.Career)}</p>");
            return;
        }
        Line("<ol>");
        foreach (var step in path.Steps)
        {
            Line($"<li>{Text(step.Title)}{(step.Detail.Length > 0 ? $"<br>{Text(step.Detail)}" : "")}</li>");
        }
        Line("</ol>");
        Line($"<p>{Link(HrefOf(block.Career) + "/learning-path", block.Career)}</p>");
    }

    private static string HrefOf(string career) => $"/api/v1/careers/{career}";

    // No figure without its source.
    private static string Figure(SalaryRange salary)
    {
        var region = salary.Region is { } place ? $", {place}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{salary.Min:N0} to {salary.Max:N0} {salary.Currency} a {salary.Period}{region}"
        );
    }

    private static string Source(SalaryRange salary)
    {
        var asOf = salary.AsOf.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var source =
            salary.SourceUrl is { } url && LinkPolicy.LeadsAway(url)
                ? $"<a href=\"{Text(url)}\" rel=\"{LinkPolicy.Rel}\">{Text(salary.Source)}</a>"
                : Text(salary.Source);
        return $"{source}, {asOf}";
    }

    private static string Link(string? href, string text) => href is null ? Text(text) : $"<a href=\"{Text(href)}\">{Text(text)}</a>";

    private static string Text(string text) => HtmlText.Escape(text);

    private void Line(string html) => _html.Append(html).Append('\n');
}
