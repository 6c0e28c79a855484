using System.Xml;

namespace BackendGuide.Gateway.Feeds;

/// <summary>Atom, RFC 4287.</summary>
internal static class AtomFeed
{
    public const string Path = "/feed.atom";

    public const string MediaType = "application/atom+xml";
    private const string Namespace = "http://www.w3.org/2005/Atom";

    public static FeedDocument Write(IReadOnlyList<FeedGuide> guides, string origin) =>
        new("feed", $"{MediaType}; charset=utf-8", XmlDocumentWriter.Write(xml => WriteFeed(xml, guides, origin)));

    private static void WriteFeed(XmlWriter xml, IReadOnlyList<FeedGuide> guides, string origin)
    {
        xml.WriteStartElement("feed", Namespace);
        xml.WriteAttributeString("xml", "lang", ns: null, NewestGuides.Language);
        xml.WriteElement("id", origin + Path);
        xml.WriteElement("title", FeedTexts.Title);
        xml.WriteElement("subtitle", FeedTexts.Description);
        // It must have one, and what has no guide has not changed yet.
        xml.WriteElement("updated", guides.Select(guide => guide.UpdatedAt).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max());
        WriteLink(xml, "self", MediaType, origin + Path);
        WriteLink(xml, "alternate", "text/html", $"{origin}/");
        xml.WriteStartElement("author");
        xml.WriteElement("name", FeedTexts.Title);
        xml.WriteEndElement();
        foreach (var guide in guides)
        {
            WriteEntry(xml, guide, guide.UrlAt(origin));
        }
        xml.WriteEndElement();
    }

    private static void WriteEntry(XmlWriter xml, FeedGuide guide, string url)
    {
        xml.WriteStartElement("entry");
        xml.WriteElement("id", url);
        xml.WriteElement("title", guide.Title);
        xml.WriteElement("published", guide.PublishedAt);
        xml.WriteElement("updated", guide.UpdatedAt);
        WriteLink(xml, "alternate", "text/html", url);
        xml.WriteElement("summary", guide.Summary);
        foreach (var tag in guide.Tags)
        {
            xml.WriteStartElement("category");
            xml.WriteAttributeString("term", XmlDocumentWriter.Clean(tag));
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static void WriteLink(XmlWriter xml, string relation, string mediaType, string address)
    {
        xml.WriteStartElement("link");
        xml.WriteAttributeString("rel", relation);
        xml.WriteAttributeString("type", mediaType);
        xml.WriteAttributeString("href", address);
        xml.WriteEndElement();
    }
}
