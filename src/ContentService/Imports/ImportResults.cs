using System.Buffers;
using System.Text.Json;

namespace BackendGuide.ContentService.Imports;

/// <summary>Writes what became of lines, a line for each.</summary>
internal sealed class ImportResults : IDisposable
{
    private static readonly Dictionary<string, string[]> s_refused = new()
    {
        ["$"] = ["could not be kept at the moment: another holds it, or the database refuses it; it may be sent again"],
    };

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Utf8JsonWriter _json;

    public ImportResults() =>
        _json = new Utf8JsonWriter(_output, new JsonWriterOptions { Encoder = ContentJson.Public.Encoder, SkipValidation = true });

    /// <summary>The results of a batch, in the order of its lines; good until the next ones are written.</summary>
    public ReadOnlySpan<byte> Write(ImportBatch batch, IReadOnlyList<ImportStatus> statuses)
    {
        _output.ResetWrittenCount();
        var guides = 0;
        foreach (var line in batch.Lines)
        {
            Write(line, line.Guide is null ? ImportStatus.Rejected : statuses[guides++]);
        }
        return _output.WrittenSpan;
    }

    /// <inheritdoc />
    public void Dispose() => _json.Dispose();

    private void Write(ImportLine line, ImportStatus status)
    {
        _json.Reset();
        var errors =
            status != ImportStatus.Rejected ? null
            : line.Guide is null ? line.Errors
            : s_refused;
        JsonSerializer.Serialize(_json, new ImportResult(line.Number, line.Slug, NameOf(status), errors), ContentJson.Public);
        _json.Flush();
        _output.Write("\n"u8);
    }

    private static string NameOf(ImportStatus status) =>
        status switch
        {
            ImportStatus.Created => ImportResult.Created,
            ImportStatus.Replaced => ImportResult.Replaced,
            ImportStatus.Unchanged => ImportResult.Unchanged,
            _ => ImportResult.Rejected,
        };
}
