using System.Text.Json;

namespace BackendGuide.ContentService.Markdown;

/// <summary>Writes the JSON of a block of our own that a file has between fences.</summary>
/// <param name="json">Where to.</param>
/// <param name="faults">Takes the lines of what is in it.</param>
/// <param name="place">The path of the block.</param>
internal sealed class FencedBlock(Utf8JsonWriter json, MarkdownFaults faults, string place)
{
    private const int MaxDepth = 16;

    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Writes it whole, or nothing of it.</summary>
    /// <exception cref="YamlFaultException">It cannot be read.</exception>
    public void Write(string kind, Piece.Fence fence)
    {
        if (kind == FenceInfo.Any)
        {
            WriteJson(fence);
            return;
        }
        var value = YamlValue.Read($"{fence.Content}\n", fence.Line + 1);
        switch (kind)
        {
            case "definitions":
                var definitions = Pairs(value, ScalarOf).ToList();
                WriteBlock(
                    kind,
                    "items",
                    definitions,
                    item =>
                    {
                        json.WriteString("term", item.Key.Text);
                        json.WriteString("text", item.Value.Text);
                    },
                    item => item.Key.Line
                );
                break;
            case "technologies":
                var categories = Pairs(value, TextsOf).ToList();
                WriteBlock(
                    kind,
                    "categories",
                    categories,
                    category =>
                    {
                        json.WriteString("name", category.Key.Text);
                        WriteTexts("technologies", category.Value);
                    },
                    category => category.Key.Line
                );
                break;
            case "guides":
                var guides = TextsOf(value);
                Begin(kind);
                WriteTexts("guides", guides);
                json.WriteEndObject();
                break;
            default:
                var career = ScalarOf(value);
                Begin(kind);
                json.WriteString("career", career.Text);
                json.WriteEndObject();
                break;
        }
    }

    private void WriteJson(Piece.Fence fence)
    {
        try
        {
            using var block = JsonDocument.Parse(fence.Content, s_strict);
            json.WriteRawValue(JsonSerializer.SerializeToUtf8Bytes(block.RootElement)); // which may fail, and then nothing is written
        }
        catch (JsonException e)
        {
            throw new YamlFaultException(fence.Line + 1 + (int)(e.LineNumber ?? 0), $"is not valid JSON: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            throw new YamlFaultException(fence.Line + 1, "must not have a lone surrogate");
        }
    }

    private void WriteBlock<T>(string kind, string name, List<T> items, Action<T> write, Func<T, int> lineOf)
    {
        Begin(kind);
        json.WriteStartArray(name);
        foreach (var (i, item) in items.Index())
        {
            faults.Place($"{place}.{name}[{i}]", lineOf(item));
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Begin(string kind)
    {
        json.WriteStartObject();
        json.WriteString("kind", kind);
    }

    private void WriteTexts(string name, IReadOnlyList<YamlValue.Scalar> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text.Text);
        }
        json.WriteEndArray();
    }

    // "- name: value", in a list, for the same name may come twice; who writes a map means the same.
    private static IEnumerable<(YamlValue.Scalar Key, T Value)> Pairs<T>(YamlValue value, Func<YamlValue, T> read) =>
        value switch
        {
            YamlValue.Map map => map.Pairs.Select(pair => (pair.Key, read(pair.Value))),
            YamlValue.Items items => items.Values.SelectMany(item =>
                item is YamlValue.Map map
                    ? Pairs(map, read)
                    : throw new YamlFaultException(item.Line, "must be a name, a colon and what belongs to it")
            ),
            _ => throw new YamlFaultException(value.Line, "must be a list: - name: what belongs to it"),
        };

    private static IReadOnlyList<YamlValue.Scalar> TextsOf(YamlValue value) =>
        value is YamlValue.Items items
            ? [.. items.Values.Select(ScalarOf)]
            : throw new YamlFaultException(value.Line, "must be a list of slugs");

    private static YamlValue.Scalar ScalarOf(YamlValue value) =>
        value as YamlValue.Scalar ?? throw new YamlFaultException(value.Line, "must be a text");
}
