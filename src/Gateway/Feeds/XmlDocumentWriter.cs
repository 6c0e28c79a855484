using System.Globalization;
using System.Text;
using System.Xml;

namespace BackendGuide.Gateway.Feeds;

/// <summary>XML 1.0 of texts that may have anything that Unicode has.</summary>
internal static class XmlDocumentWriter
{
    private static readonly XmlWriterSettings s_settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        NewLineHandling = NewLineHandling.Entitize, // else a reader would take a carriage return for a line feed
    };

    public static ReadOnlyMemory<byte> Write(Action<XmlWriter> write)
    {
        var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, s_settings))
        {
            write(xml);
        }
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    public static void WriteElement(this XmlWriter xml, string name, string text)
    {
        xml.WriteStartElement(name);
        xml.WriteString(Clean(text));
        xml.WriteEndElement();
    }

    public static void WriteElement(this XmlWriter xml, string name, DateTimeOffset time) =>
        xml.WriteElement(name, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));

    /// <summary>Without the characters that XML 1.0 cannot have, not even escaped.</summary>
    public static string Clean(string text)
    {
        if (text.All(XmlConvert.IsXmlChar))
        {
            return text;
        }
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value))
            {
                clean.Append(rune.ToString());
            }
        }
        return clean.ToString();
    }
}
