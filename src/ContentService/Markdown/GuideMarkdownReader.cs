using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// Makes of a file the JSON that says the same, so that one place alone says what a guide may be. Where each part came from is noted for the
/// faults that are found in it there.
/// </summary>
internal sealed class GuideMarkdownReader(Utf8JsonWriter json, MarkdownFaults faults)
{
    private static readonly JsonWriterOptions s_relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private int _sections;

    /// <summary>Reads a file.</summary>
    /// <exception cref="YamlFaultException">Its front matter cannot be read, so nobody can say what the rest is.</exception>
    public static JsonDocument Read(MarkdownText text, MarkdownFaults faults, string? fileName)
    {
        var front = FrontMatter.Read(text);
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, s_relaxed))
        {
            var fields = new FrontMatterFields(front.Map, faults);
            new GuideMarkdownReader(json, faults).WriteGuide(fields, PieceReader.Read(text, front.Next), fileName);
        }
        return JsonDocument.Parse(bytes.WrittenMemory);
    }

    private void WriteGuide(FrontMatterFields front, IReadOnlyList<Piece> pieces, string? fileName)
    {
        var title = ReadTitle(front, pieces, fileName);
        json.WriteStartObject();
        json.WriteString("title", title.Text);
        var summary = front.Text("summary");
        WriteText("summary", summary ?? front.Text("description"), summary is null ? "description" : "summary");
        WriteText("locale", front.Text("locale"), "locale");
        if (front.Tags() is { } tags)
        {
            json.WriteStartArray("tags");
            foreach (var (i, tag) in tags.Index())
            {
                faults.Place($"$.tags[{i}]", tag.Line);
                json.WriteStringValue(tag.Text);
            }
            json.WriteEndArray();
        }
        json.WriteStartArray("sections");
        WriteSections([.. pieces.Where(piece => !title.IsHeadingOnly || !ReferenceEquals(piece, title.Heading))], title);
        json.WriteEndArray();
        json.WriteEndObject();

        void WriteText(string name, YamlValue.Scalar? value, string writtenName)
        {
            if (value is not null)
            {
                faults.Place($"$.{name}", value.Line, writtenName);
                json.WriteString(name, value.Text);
            }
        }
    }

    private Title ReadTitle(FrontMatterFields front, IReadOnlyList<Piece> pieces, string? fileName)
    {
        var index = pieces.ToList().FindIndex(piece => piece is Piece.Heading { Level: 1 });
        // After a section it heads one, too.
        var isAtTop = index >= 0 && !pieces.Take(index).Any(piece => piece is Piece.Heading);
        var heading = index >= 0 ? (Piece.Heading)pieces[index] : null;
        // Where nothing else says what the file is about, its first heading does, which heads what it headed all the same.
        var any = heading ?? (fileName is null ? pieces.Select(FirstHeading).FirstOrDefault(first => first is not null) : null);
        var said = any is null ? null : MarkdownHeading.Read(any.Content).Text;
        // A title is no Markdown.
        var plain = said is null ? null : InlineMarkdown.ToText(said);
        var title = front.Text("title");
        // A blank one says as little as none, where something else does say it.
        if (title is not null && (!string.IsNullOrWhiteSpace(title.Text) || (any is null && fileName is null)))
        {
            faults.Place("$.title", title.Line);
            var isTitle = Array.Exists([said, plain], text => string.Equals(text, title.Text.Trim(), StringComparison.OrdinalIgnoreCase));
            return isAtTop && isTitle ? new Title(title.Text, heading, IsHeadingOnly: true) : new Title(title.Text, null);
        }
        if (any is not null)
        {
            faults.Place("$.title", any.Line);
            return new Title(plain!, any, isAtTop);
        }
        if (fileName is null)
        {
            faults.Add(1, "has no title: give it in the front matter (title: …) or as a heading (# …)");
        }
        return new Title(fileName ?? "-", null);
    }

    private static Piece.Heading? FirstHeading(Piece piece) => piece is Piece.Text text ? text.Deeper : piece as Piece.Heading;

    private void WriteSections(List<Piece> pieces, Title title)
    {
        var ids = IdsOf(pieces, title);
        for (var i = 0; i < pieces.Count; _sections++)
        {
            var heading = pieces[i] as Piece.Heading;
            var place = $"$.sections[{_sections}]";
            faults.Place(place, pieces[i].Line);
            if (_sections == GuideInput.MaxSections)
            {
                faults.Place("$.sections", pieces[i].Line);
            }
            // What is before the first heading is headed by the title.
            var text = heading is null ? title.Text : MarkdownHeading.Read(heading.Content).Text;
            if (heading is null || ReferenceEquals(heading, title.Heading))
            {
                faults.Derive($"{place}.heading", "$.title");
            }
            json.WriteStartObject();
            json.WriteString("heading", text);
            if (ids[i] is { } id)
            {
                json.WriteString("id", id);
            }
            json.WriteStartArray("blocks");
            i += heading is null ? 0 : 1;
            for (var blocks = 0; i < pieces.Count && pieces[i] is not Piece.Heading; i++)
            {
                var blockPlace = $"{place}.blocks[{blocks}]";
                faults.Place(blockPlace, pieces[i].Line);
                blocks += WriteBlock(pieces[i], blockPlace) ? 1 : 0;
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    /// <summary>
    /// The ids of the sections that begin with each piece. One that is as it must be is the first heading's that has it; of what other tools take for
    /// an id one is made, if no heading has that; else there is none, and the heading names its section. The heading that is the title, too, has the
    /// title's, for what comes before it is only headed by the title.
    /// </summary>
    private static List<string?> IdsOf(List<Piece> pieces, Title title)
    {
        var written = pieces.Select(piece => piece is Piece.Heading heading ? MarkdownHeading.Read(heading.Content).Id : null).ToList();
        var valid = written.OfType<string>().Where(Slug.IsValid).ToHashSet(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var ids = new List<string?>();
        foreach (var id in written)
        {
            var slug =
                id is null || Slug.IsValid(id) ? id
                : TextSlug.Of(id) is { Length: > 0 } made && !valid.Contains(made) ? made
                : null;
            ids.Add(slug is not null && taken.Add(slug) ? slug : null);
        }
        var titled = pieces.FindIndex(piece => ReferenceEquals(piece, title.Heading));
        if (titled > 0 && pieces[0] is not Piece.Heading && ids[titled] is null && TextSlug.Of(title.Text) is { Length: > 0 } own)
        {
            ids[titled] = taken.Add(own) ? own : null;
        }
        return ids;
    }

    private bool WriteBlock(Piece piece, string place)
    {
        switch (piece)
        {
            case Piece.Text text:
                WriteMarkdown(text.Markdown);
                return true;
            case Piece.Fence { Info: FenceInfo.Code code } fence:
                json.WriteStartObject();
                json.WriteString("kind", "code");
                json.WriteString("language", code.Language);
                if (code.Title is not null)
                {
                    json.WriteString("title", code.Title);
                }
                json.WriteString("code", fence.Content);
                json.WriteEndObject();
                return true;
            case Piece.Fence { Info: FenceInfo.Own { Kind: "markdown" } } fence:
                WriteMarkdown(fence.Content);
                return true;
            case Piece.Fence { Info: FenceInfo.Own own } fence:
                try
                {
                    new FencedBlock(json, faults, place).Write(own.Kind, fence);
                    return true;
                }
                catch (YamlFaultException e)
                {
                    faults.Add(e.Line, e.Message);
                    return false;
                }
            default:
                faults.Add(piece.Line, "begins a block that no line ends");
                return false;
        }
    }

    private void WriteMarkdown(string text)
    {
        json.WriteStartObject();
        json.WriteString("kind", "markdown");
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    /// <param name="Text">What the guide is called.</param>
    /// <param name="Heading">The heading that says so.</param>
    /// <param name="IsHeadingOnly">Whether that says nothing else: it heads no section.</param>
    private sealed record Title(string Text, Piece.Heading? Heading, bool IsHeadingOnly = false);
}
