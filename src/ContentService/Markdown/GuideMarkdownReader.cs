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
        var (title, titleHeading) = WriteTitle(front, pieces, fileName);
        json.WriteStartObject();
        json.WriteString("title", title);
        WriteText("summary", front.Text("summary") ?? front.Text("description"));
        WriteText("locale", front.Text("locale"));
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
        WriteSections([.. pieces.Where(piece => !ReferenceEquals(piece, titleHeading))], title);
        json.WriteEndArray();
        json.WriteEndObject();

        void WriteText(string name, YamlValue.Scalar? value)
        {
            if (value is not null)
            {
                faults.Place($"$.{name}", value.Line);
                json.WriteString(name, value.Text);
            }
        }
    }

    /// <returns>The title, and the heading that says nothing but the title.</returns>
    private (string Title, Piece? Heading) WriteTitle(FrontMatterFields front, IReadOnlyList<Piece> pieces, string? fileName)
    {
        var index = pieces.ToList().FindIndex(piece => piece is Piece.Heading { Level: 1 });
        var heading = index < 0 ? null : (Piece.Heading)pieces[index];
        // After a section it heads one, too.
        var isAtTop = !pieces.Take(index).Any(piece => piece is Piece.Heading);
        var said = heading is null ? null : MarkdownHeading.Read(heading.Content).Text;
        // A title is no Markdown.
        var plain = said is null ? null : InlineMarkdown.ToText(said);
        var title = front.Text("title");
        // A blank one says as little as none, where something else does say it.
        if (title is not null && (!string.IsNullOrWhiteSpace(title.Text) || (heading is null && fileName is null)))
        {
            faults.Place("$.title", title.Line);
            var isTitle = Array.Exists([said, plain], text => string.Equals(text, title.Text.Trim(), StringComparison.OrdinalIgnoreCase));
            return (title.Text, isAtTop && isTitle ? heading : null);
        }
        if (heading is not null)
        {
            faults.Place("$.title", heading.Line);
            return (plain!, isAtTop ? heading : null);
        }
        if (fileName is null)
        {
            faults.Add(1, "has no title: give it in the front matter (title: …) or as a heading of the first level (# …)");
        }
        return (fileName ?? "-", null);
    }

    private void WriteSections(List<Piece> pieces, string title)
    {
        var ids = IdsOf(pieces);
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
            var text = heading is null ? title : MarkdownHeading.Read(heading.Content).Text;
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
    /// an id one is made, if no heading has that; else there is none, and the heading names its section.
    /// </summary>
    private static List<string?> IdsOf(List<Piece> pieces)
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
}
