using System.Text.Json.Nodes;
using BackendGuide.ContentService.Technologies;
using BackendGuide.ServiceDefaults.LinkedData;

namespace BackendGuide.ContentService.LinkedData;

/// <summary>A technology as schema.org's <c>DefinedTerm</c>, of the set that its category is.</summary>
internal static class LinkedTechnology
{
    /// <summary>The technology as a JSON-LD document.</summary>
    /// <param name="technology">With the guides that name it.</param>
    /// <param name="origin">What addresses begin with, such as <c>https://learn.example</c>, without a slash at its end; empty for relative ones.</param>
    public static byte[] Write(Technology technology, string origin)
    {
        var url = UrlOf(technology.Slug, origin);
        return LinkedJson.Document(
            LinkedJson.Thing(
                "DefinedTerm",
                ("@id", url),
                ("url", url),
                ("name", technology.Name),
                ("description", technology.Summary),
                ("termCode", technology.Slug),
                ("inDefinedTermSet", ToSet(technology.Category, origin)),
                ("sameAs", technology.Website),
                ("subjectOf", LinkedJson.List(technology.Guides.Select(guide => ToArticle(guide, origin))))
            )
        );
    }

    public static string UrlOf(string slug, string origin) => $"{origin}/api/v1/technologies/{slug}";

    private static JsonObject ToSet(string category, string origin)
    {
        var url = $"{origin}/api/v1/technologies?category={Uri.EscapeDataString(category)}";
        return LinkedJson.Thing("DefinedTermSet", ("@id", url), ("url", url), ("name", category));
    }

    private static JsonObject ToArticle(GuideLink guide, string origin)
    {
        var url = $"{origin}/api/v1/guides/{guide.Slug}";
        return LinkedJson.Thing("TechArticle", ("@id", url), ("url", url), ("headline", guide.Title));
    }
}
