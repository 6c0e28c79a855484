using System.Globalization;

namespace BackendGuide.Gateway.Feeds;

/// <summary>A public guide as the content service lists it for this.</summary>
/// <param name="Slug">The guide.</param>
/// <param name="Locale">In this locale.</param>
/// <param name="UpdatedAt">RFC 3339, as it is written.</param>
internal sealed record SitemapEntry(string Slug, string Locale, string UpdatedAt);

/// <summary>A part of the sitemap as it was read: guides, or how many parts there are.</summary>
/// <param name="Entries">The guides; none for the index of the parts.</param>
/// <param name="Parts">How many parts the index names; 0 for what has guides.</param>
internal sealed record SitemapPart(IReadOnlyList<SitemapEntry> Entries, int Parts = 0)
{
    // Three strings and the object itself.
    private const long BytesOfEntry = 100;

    /// <summary>What it takes in memory, about.</summary>
    public long Bytes { get; } =
        BytesOfEntry + Entries.Sum(entry => BytesOfEntry + (2L * (entry.Slug.Length + entry.Locale.Length + entry.UpdatedAt.Length)));
}

/// <summary>The files of sitemaps.org's protocol 0.9.</summary>
internal static class SitemapFile
{
    public const string Path = "/sitemap.xml";

    /// <summary>How many addresses a file may have.</summary>
    public const int MostEntries = 50_000;

    public const string MediaType = "application/xml";
    private const string Namespace = "http://www.sitemaps.org/schemas/sitemap/0.9";

    /// <summary>The file of a part.</summary>
    /// <param name="part">What it has.</param>
    /// <param name="origin">What its addresses begin with.</param>
    public static FeedDocument Write(SitemapPart part, string origin) =>
        part.Parts > 0 ? WriteIndex(part.Parts, origin) : Write(part.Entries, origin);

    private static FeedDocument Write(IReadOnlyList<SitemapEntry> entries, string origin) =>
        new(
            "sitemap",
            $"{MediaType}; charset=utf-8",
            XmlDocumentWriter.Write(xml =>
            {
                xml.WriteStartElement("urlset", Namespace);
                foreach (var entry in entries)
                {
                    xml.WriteStartElement("url");
                    xml.WriteElement("loc", UrlOf(entry, origin));
                    xml.WriteElement("lastmod", entry.UpdatedAt);
                    xml.WriteEndElement();
                }
                xml.WriteEndElement();
            })
        );

    // The file that names the parts, by their numbers from 1 on.
    private static FeedDocument WriteIndex(int parts, string origin) =>
        new(
            "sitemap",
            $"{MediaType}; charset=utf-8",
            XmlDocumentWriter.Write(xml =>
            {
                xml.WriteStartElement("sitemapindex", Namespace);
                for (var part = 1; part <= parts; part++)
                {
                    xml.WriteStartElement("sitemap");
                    xml.WriteElement("loc", string.Create(CultureInfo.InvariantCulture, $"{origin}{Path}?part={part}"));
                    xml.WriteEndElement();
                }
                xml.WriteEndElement();
            })
        );

    private static string UrlOf(SitemapEntry entry, string origin)
    {
        var url = $"{origin}/api/v1/guides/{entry.Slug}";
        return entry.Locale == NewestGuides.Language ? url : $"{url}?locale={Uri.EscapeDataString(entry.Locale)}";
    }
}
