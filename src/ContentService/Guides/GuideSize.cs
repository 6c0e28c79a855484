using System.Text;
using System.Text.Json;

namespace BackendGuide.ContentService.Guides;

/// <summary>
/// The least bytes in which a guide can be said as the body of a PUT. A guide that was taken at its full size is longer in an export: there are
/// its slug and ids that were made for it, what it left out is said, and what JSON lets be escaped may be. It is no larger for it, and has to be
/// taken again.
/// </summary>
internal static class GuideSize
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 32 };
    private static readonly HashSet<string> s_besidesTheBody = ["slug", "locale", "publish"];

    /// <summary>True where the guide of a line, or of a body, is too large. What is no JSON object is not: it is refused for that.</summary>
    public static bool IsOver(int most, ReadOnlyMemory<byte> line)
    {
        if (line.Length <= most)
        {
            return false;
        }
        try
        {
            using var document = JsonDocument.Parse(line, s_options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && OfObject(document.RootElement.EnumerateObject().Where(property => !s_besidesTheBody.Contains(property.Name))) > most;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return true; // half of a surrogate pair is in it: it is refused in any case, and before each of its many parts is looked at
        }
    }

    // What says nothing can be left out: null, and what is empty; an id is made of the heading.
    private static int OfObject(IEnumerable<JsonProperty> properties) =>
        Brackets(
            properties
                .Where(property => property.Name != "id" && !IsEmpty(property.Value))
                .Select(property => OfText(property.Name) + ":".Length + OfValue(property.Value))
        );

    private static int OfValue(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => OfObject(value.EnumerateObject()),
            JsonValueKind.Array => Brackets(value.EnumerateArray().Select(OfValue)),
            JsonValueKind.String => OfText(value.GetString()!),
            _ => value.GetRawText().Length,
        };

    /// <summary>The bytes of a character within a string.</summary>
    public static int OfCharacter(Rune character) => character.Value is < ' ' or '"' or '\\' ? 2 : character.Utf8SequenceLength;

    private static int OfText(string text) => 2 + text.EnumerateRunes().Sum(OfCharacter);

    private static bool IsEmpty(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null
        || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)
        || (value.ValueKind == JsonValueKind.String && value.ValueEquals(""));

    private static int Brackets(IEnumerable<int> parts)
    {
        var (size, count) = (2, 0);
        foreach (var part in parts)
        {
            size += part;
            count++;
        }
        return size + Math.Max(0, count - 1); // the commas
    }
}
