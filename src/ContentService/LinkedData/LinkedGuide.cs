using System.Text.Json.Nodes;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Markdown;
using BackendGuide.ServiceDefaults.LinkedData;

namespace BackendGuide.ContentService.LinkedData;

/// <summary>A guide as schema.org's <c>TechArticle</c>.</summary>
internal static class LinkedGuide
{
    private const string Site = "BackendGuide";

    /// <summary>The guide as a JSON-LD document.</summary>
    /// <param name="guide">With what its blocks refer to resolved; what is not is named by its slug.</param>
    /// <param name="origin">What addresses begin with, such as <c>https://learn.example</c>, without a slash at its end; empty for relative ones.</param>
    public static byte[] Write(Guide guide, string origin)
    {
        var url = UrlOf(guide, origin);
        return LinkedJson.Document(
            LinkedJson.Thing(
                "TechArticle",
                ("@id", url),
                ("url", url),
                ("headline", guide.Title),
                ("description", guide.Summary),
                ("keywords", LinkedJson.List(guide.Tags.Select(tag => (JsonNode?)tag))),
                ("datePublished", guide.PublishedAt is { } publishedAt ? LinkedJson.Time(publishedAt) : null),
                ("dateModified", LinkedJson.Time(guide.UpdatedAt)),
                ("inLanguage", guide.Locale),
                ("version", guide.Version),
                ("isPartOf", LinkedJson.Thing("WebSite", ("name", Site), ("url", $"{origin}/"))),
                ("hasPart", LinkedJson.List(guide.Sections.Index().Select(section => ToPart(section.Item, section.Index + 1, url)))),
                ("mentions", LinkedJson.List(LinkedMentions.Of(guide.Sections, origin)))
            )
        );
    }

    // A guide that lacks a locale falls back to the default one, so only the others have to be named.
    private static string UrlOf(Guide guide, string origin)
    {
        var url = $"{origin}/api/v1/guides/{guide.Slug}";
        return guide.Locale == GuideLocale.Default ? url : $"{url}?locale={guide.Locale}";
    }

    private static JsonObject ToPart(Section section, int position, string url) =>
        LinkedJson.Thing(
            "CreativeWork",
            ("@id", $"{url}#{section.Id}"),
            ("url", $"{url}#{section.Id}"),
            ("name", InlineMarkdown.ToText(section.Heading)),
            ("position", position),
            ("text", string.Join("\n\n", section.Blocks.OfType<MarkdownBlock>().Select(block => block.Text))),
            ("hasPart", LinkedJson.List(section.Blocks.OfType<CodeBlock>().Select(ToCode)))
        );

    private static JsonObject ToCode(CodeBlock block) =>
        LinkedJson.Thing("SoftwareSourceCode", ("name", block.Title), ("programmingLanguage", block.Language), ("text", block.Code));
}
