using System.Buffers;
using System.Text.Json;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>The <c>fields</c> that a reader wants of a resource, or of each item of a list: its top-level properties of these names alone.</summary>
/// <param name="Names">In the resource's own order, however they were asked for.</param>
public sealed record FieldSelection(IReadOnlyList<string> Names)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = ApiJson.Options.Encoder };

    /// <summary>The one spelling of the selection, for a key.</summary>
    public string Key => string.Join(',', Names);

    /// <summary>Reads <c>fields</c>; null where the whole is wanted.</summary>
    /// <param name="query">The request's query.</param>
    /// <param name="known">All properties that there are, in their order.</param>
    public static FieldSelection? Read(QueryInput query, IReadOnlyList<string> known)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(known);
        var given = query.Text("fields");
        query.Say(
            "fields",
            new ValueRule
            {
                Words = known,
                IsList = true,
                Description = "These top-level properties alone.",
            }
        );
        if (given is not { } text)
        {
            return null;
        }
        var names = text.Split(',');
        foreach (var name in names.Where(name => !known.Contains(name)))
        {
            query.Faults.Add("fields", $"'{name}' is none of {string.Join(", ", known)}");
        }
        return new FieldSelection([.. known.Where(names.Contains)]);
    }

    /// <summary>Adds the fault that properties were chosen of what is not JSON, and has none.</summary>
    public static void Refuse(QueryInput query)
    {
        ArgumentNullException.ThrowIfNull(query);
        query.Faults.Add("fields", $"can only be chosen of {MediaTypes.Json}");
    }

    /// <summary>The resource with the selected properties alone.</summary>
    public byte[] Of(ReadOnlyMemory<byte> resource)
    {
        using var document = JsonDocument.Parse(resource);
        return Write(writer => WriteSelected(writer, document.RootElement));
    }

    /// <summary>The page of a list with the selected properties of each item.</summary>
    public byte[] OfItems(ReadOnlyMemory<byte> page)
    {
        using var document = JsonDocument.Parse(page);
        return Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!property.NameEquals("items"))
                {
                    property.WriteTo(writer);
                    continue;
                }
                writer.WriteStartArray(property.Name);
                foreach (var item in property.Value.EnumerateArray())
                {
                    WriteSelected(writer, item);
                }
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        });
    }

    private void WriteSelected(Utf8JsonWriter writer, JsonElement resource)
    {
        writer.WriteStartObject();
        foreach (var property in resource.EnumerateObject().Where(property => Names.Contains(property.Name)))
        {
            property.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            write(writer);
        }
        return buffer.WrittenSpan.ToArray();
    }
}
