using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text;

namespace BackendGuide.Gateway.Routing.Streams;

/// <summary>The body of an answer on a connection of its own, which is closed with it. One that is cut off is never taken for a whole one.</summary>
internal sealed class AnswerBody(PipeReader reader, Stream connection) : Stream
{
    private const int LongestLine = 16 * 1024;

    private HttpResponseHeaders? _trailers; // of a body in chunks
    private long? _left; // of the chunk, or of all; null for as much as comes
    private bool _isBehindAChunk;
    private bool _hasEnded;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The body has that many bytes; null for all that come until the connection ends.</summary>
    public void ExpectBytes(long? length) => (_left, _hasEnded) = (length, length == 0);

    /// <summary>The body comes in chunks (RFC 9112, 7.1).</summary>
    /// <param name="trailers">Where the headers go that come behind it.</param>
    public void ExpectChunks(HttpResponseHeaders trailers) => (_trailers, _left) = (trailers, 0);

    /// <summary>Reads a header's line.</summary>
    public static (string Name, string Value) ToHeader(string line) =>
        line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
            ? (line[..colon], line[(colon + 1)..].Trim())
            : throw Invalid("a header without a name");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 && !_hasEnded)
        {
            await BeginChunkAsync(cancellationToken);
        }
        if (_hasEnded || buffer.IsEmpty)
        {
            return 0;
        }
        var read = await reader.ReadAsync(cancellationToken);
        var taken = read.Buffer.Slice(0, Math.Min(Math.Min(buffer.Length, read.Buffer.Length), _left ?? long.MaxValue));
        taken.CopyTo(buffer.Span);
        reader.AdvanceTo(taken.End);
        if (taken.IsEmpty)
        {
            _hasEnded = _left is null
                ? true
                : throw new HttpIOException(HttpRequestError.ResponseEnded, "The service's answer was cut off.");
        }
        _left -= taken.Length;
        _hasEnded |= _left == 0 && _trailers is null;
        return (int)taken.Length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            connection.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task BeginChunkAsync(CancellationToken cancellationToken)
    {
        if (_isBehindAChunk && await ReadLineAsync(cancellationToken) is { Length: > 0 })
        {
            throw Invalid("a chunk longer than it says");
        }
        _isBehindAChunk = true;
        var size = (await ReadLineAsync(cancellationToken)).Split(';')[0].Trim();
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) || length < 0)
        {
            throw Invalid("a chunk without a size");
        }
        _left = length;
        if (length > 0)
        {
            return;
        }
        while (await ReadLineAsync(cancellationToken) is { Length: > 0 } trailer)
        {
            var (name, value) = ToHeader(trailer);
            _trailers!.TryAddWithoutValidation(name, value);
        }
        _hasEnded = true;
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (TryCutLine(read.Buffer, out var line, out var end))
            {
                reader.AdvanceTo(end);
                return line;
            }
            if (read.IsCompleted || read.Buffer.Length > LongestLine)
            {
                throw new HttpIOException(HttpRequestError.ResponseEnded, "The service's answer was cut off.");
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool TryCutLine(in ReadOnlySequence<byte> buffer, out string line, out SequencePosition end)
    {
        var lines = new SequenceReader<byte>(buffer);
        var isWhole = lines.TryReadTo(out ReadOnlySequence<byte> text, "\r\n"u8);
        line = isWhole ? Encoding.Latin1.GetString(text) : "";
        end = lines.Position;
        return isWhole;
    }

    private static HttpRequestException Invalid(string what) => new(HttpRequestError.InvalidResponse, $"The service's answer has {what}.");
}
