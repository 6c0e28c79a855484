using System.Text.Unicode;
using BackendGuide.ServiceDefaults.Validation;
using CsvHelper;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>Reads observations from a CSV as RFC 4180 has it: commas, double quotes, any line ending. Empty lines are none.</summary>
internal sealed class CsvObservations : IObservationReader, IDisposable
{
    // A quote that is opened and never closed would have the reader keep all that follows: it costs the line that it is in.
    private const int MaxKeptBytes = 256 * 1024;

    private const string BadQuotes =
        "has a double quote that is not closed, or one in the middle of a field: a field with quotes stands in quotes, and those inside of it are doubled";

    private static readonly CsvReaderOptions s_options = CsvReaderOptions.Default with
    {
        Separator = ',',
        HasHeader = false, // what is wrong with it is said here
        MaxRecordSize = MaxKeptBytes,
        TrackLineNumbers = true,
        PoolStrings = true, // a chunk keeps them, and but for the ids they are few
    };

    private readonly RewindableBody _body;
    private readonly string?[] _fields = new string?[ObservationInput.Count];
    private readonly DateOnly _today;
    private CsvReader _csv;
    private CsvHeader? _header;
    private bool _isBad;
    private bool _isUtf16; // of such a body the reader counts other bytes than are there

    // Where in the body, and before which of its lines, the reader has begun; and where the record is that it has read last.
    private (long Offset, long Lines) _begun;
    private (long Offset, int Length, long Line) _last;

    public CsvObservations(Stream body, DateOnly today)
    {
        _today = today;
        _body = new RewindableBody(body);
        _csv = CreateReader();
    }

    private long Line => _begun.Lines + _csv.LineNumber;

    /// <inheritdoc />
    public async Task<bool> FillAsync(UploadChunk chunk, CancellationToken cancellationToken)
    {
        _header ??= await ReadHeaderAsync(cancellationToken);
        while (!chunk.IsFull)
        {
            bool isRead;
            try
            {
                isRead = await NextAsync(cancellationToken);
            }
            catch (CsvFormatException)
            {
                ReadUnclosed(chunk, _header);
                continue;
            }
            if (!isRead)
            {
                return true;
            }
            if (_isBad && _csv.RawRecord.ContainsAny("\r\n"u8))
            {
                ReadAgain(_csv.RawRecord.ToArray(), Line, chunk, _header);
            }
            else
            {
                Read(_csv, Line, chunk, _header);
            }
        }
        return false;
    }

    public void Dispose()
    {
        _csv.Dispose();
        _body.Dispose();
    }

    private async Task<CsvHeader> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await NextAsync(cancellationToken))
            {
                return CsvHeader.Read([]);
            }
        }
        catch (CsvFormatException)
        {
            throw UnreadableUploadException.Of(
                UnreadableUploadException.Body,
                $"The header has over {MaxKeptBytes} bytes: is a quote not closed?"
            );
        }
        _isUtf16 = _body.From(0) is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];
        return _isBad
            ? throw UnreadableUploadException.Of(UnreadableUploadException.Body, $"The header {BadQuotes}")
            : CsvHeader.Read([.. Enumerable.Range(0, _csv.FieldCount).Select(_csv.GetString)]);
    }

    private async Task<bool> NextAsync(CancellationToken cancellationToken)
    {
        _isBad = false;
        if (!await _csv.ReadAsync(cancellationToken))
        {
            return false;
        }
        _last = (_begun.Offset + _csv.ByteOffset, _csv.RawRecord.Length, Line);
        return true;
    }

    // What the reader does not take for a record any more begins where the last one ended. All of it that is there is read line by line, so that a file of such
    // quotes takes no longer than another, and what follows as before.
    private void ReadUnclosed(UploadChunk chunk, CsvHeader header)
    {
        var last = _body.From(_last.Offset);
        var length = Math.Min(_last.Length, last.Length);
        var rest = last[length..];
        var line = _last.Line + CountLineBreaks(last[..length]);
        var begin = rest.IndexOfAnyExcept("\r\n"u8);
        var end = rest.LastIndexOfAny("\r\n"u8);
        if (begin < 0 || end < begin || _isUtf16)
        {
            throw UnreadableUploadException.Of(
                UnreadableUploadException.Body,
                $"A row after line {line} has over {MaxKeptBytes} bytes: is a quote not closed? Nothing from there on was read."
            );
        }
        if (rest[end] == '\n' && rest[end - 1] == '\r')
        {
            end--; // one line break
        }
        var lines = rest[begin..end];
        line += CountLineBreaks(rest[..begin]);
        ReadAgain(lines.ToArray(), line, chunk, header);
        // The next record begins with the end of the last line, which is then that of an empty one.
        line += CountLineBreaks(lines);
        _begun = (_last.Offset + length + end, line - 1);
        _last = (_begun.Offset, 0, line);
        _body.Rewind(_begun.Offset);
        _csv.Dispose();
        _csv = CreateReader();
    }

    private CsvReader CreateReader() => CsvReader.Create(_body, s_options with { OnMalformedRecord = _ => _isBad = true }, leaveOpen: true);

    // A CRLF is one.
    private static int CountLineBreaks(ReadOnlySpan<byte> text) => text.Count((byte)'\n') + text.Count((byte)'\r') - text.Count("\r\n"u8);

    // A quote too many makes one record of all lines up to the next quote: each is a row of its own, of which only those are bad that have such a quote.
    private void ReadAgain(byte[] record, long line, UploadChunk chunk, CsvHeader header)
    {
        var options = s_options with { AllowLineBreaksInQuotes = false, OnMalformedRecord = _ => _isBad = true };
        using var lines = CsvReader.Create(record, options);
        for (_isBad = false; lines.Read(); _isBad = false)
        {
            Read(lines, line + lines.LineNumber - 1, chunk, header);
        }
    }

    private void Read(CsvReader csv, long line, UploadChunk chunk, CsvHeader header)
    {
        if (csv.RawRecord.Length > RejectedRow.MaxBytes)
        {
            chunk.Reject(RejectedRow.Of(line, RejectedRow.Whole, RejectedRow.TooLong));
            return;
        }
        if (_isBad)
        {
            chunk.Reject(RejectedRow.Of(line, RejectedRow.Whole, BadQuotes));
            return;
        }
        if (csv.FieldCount != header.Count)
        {
            var message =
                $"has {csv.FieldCount} columns, and the header has {header.Count}: a comma inside of a field needs double quotes around it";
            chunk.Reject(RejectedRow.Of(line, RejectedRow.Whole, message));
            return;
        }
        Faults? faults = null;
        var isValid = Utf8.IsValid(csv.RawRecord);
        for (var field = 0; field < _fields.Length; field++)
        {
            _fields[field] = header.Places[field] is >= 0 and var column ? TextOf(csv, field, column, isValid, ref faults) : null;
        }
        var observation = ObservationInput.Read(_fields, ObservationInput.Columns, _today, ref faults);
        if (faults is null)
        {
            chunk.Add(line, observation);
        }
        else
        {
            chunk.Reject(new RejectedRow(line, faults.ByPlace));
        }
    }

    private static string? TextOf(CsvReader csv, int field, int column, bool isValid, ref Faults? faults)
    {
        if (isValid || Utf8.IsValid(csv.GetSpan(column)))
        {
            return csv.GetString(column);
        }
        faults ??= new Faults();
        faults.Add(ObservationInput.Columns[field], ObservationInput.Utf8Rule);
        return null;
    }
}
