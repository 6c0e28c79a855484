using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>Reads observations from a list of JSON objects, element by element as they come.</summary>
internal sealed class JsonObservations(PipeReader body, DateOnly today) : IObservationReader
{
    private const string Root = "$";

    // The end of what has none is not waited for, be it of spaces.
    private const int MaxKeptBytes = 256 * 1024;
    private const int MaxDepth = 32;

    private readonly string?[] _fields = new string?[ObservationInput.Count];
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = MaxDepth });
    private long _line;
    private bool _isOpen;
    private bool _isClosed;

    /// <inheritdoc />
    public async Task<bool> FillAsync(UploadChunk chunk, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var (consumed, wantsMore) = (read.Buffer.End, true);
            try
            {
                (consumed, wantsMore) = Read(read.Buffer, read.IsCompleted, chunk);
            }
            finally
            {
                // What is there already must not wait for more to come where the chunk is full.
                body.AdvanceTo(consumed, wantsMore ? read.Buffer.End : consumed);
            }
            if (!wantsMore || read.IsCompleted)
            {
                return wantsMore;
            }
        }
    }

    private (SequencePosition Consumed, bool WantsMore) Read(in ReadOnlySequence<byte> bytes, bool isAll, UploadChunk chunk)
    {
        var reader = new Utf8JsonReader(bytes, isAll, _state);
        try
        {
            while (!chunk.IsFull)
            {
                var (before, state) = (reader.Position, reader.CurrentState);
                if (reader.Read() && (_isClosed || ReadElement(ref reader, chunk)))
                {
                    continue;
                }
                if (bytes.Slice(before).Length > MaxKeptBytes)
                {
                    throw UnreadableUploadException.Of($"$[{_line}]", $"has over {MaxKeptBytes} bytes: nothing from there on was read");
                }
                // Either there is no more, or not enough of it: the element is begun again with more.
                _state = state;
                return (before, WantsMore: true);
            }
            _state = reader.CurrentState;
            return (reader.Position, WantsMore: false);
        }
        catch (JsonException e)
        {
            throw UnreadableUploadException.Of(Root, $"is not valid JSON: {e.Message}");
        }
    }

    /// <summary>Reads what the reader stands on; false where not all of it is there.</summary>
    private bool ReadElement(ref Utf8JsonReader reader, UploadChunk chunk)
    {
        if (!_isOpen)
        {
            _isOpen = reader.TokenType == JsonTokenType.StartArray ? true : throw UnreadableUploadException.Of(Root, "must be a list");
            return true;
        }
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            _isClosed = true;
            return true;
        }
        var begin = reader.TokenStartIndex;
        if (!JsonDocument.TryParseValue(ref reader, out var element))
        {
            return false;
        }
        using (element)
        {
            _line++;
            if (reader.BytesConsumed - begin > RejectedRow.MaxBytes)
            {
                chunk.Reject(RejectedRow.Of(_line, RejectedRow.Whole, RejectedRow.TooLong));
                return true;
            }
            Read(element.RootElement, chunk);
        }
        return true;
    }

    private void Read(JsonElement element, UploadChunk chunk)
    {
        Array.Clear(_fields);
        Faults? faults = null;
        if (element.ValueKind != JsonValueKind.Object)
        {
            chunk.Reject(RejectedRow.Of(_line, RejectedRow.Whole, "must be an object"));
            return;
        }
        ObservationProperties.Read(element, _fields, ref faults);
        var observation = ObservationInput.Read(_fields, ObservationInput.Properties, today, ref faults);
        if (faults is null)
        {
            chunk.Add(_line, observation);
        }
        else
        {
            chunk.Reject(new RejectedRow(_line, faults.ByPlace));
        }
    }
}
