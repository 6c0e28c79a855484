using System.Buffers;
using System.Text;

namespace BackendGuide.Gateway.Routing.Streams;

/// <summary>Writes a body of unknown length in chunks (RFC 9112, 7.1), each as soon as it comes.</summary>
internal sealed class ChunkedBody(Stream connection) : Stream
{
    private const int LongestSize = 10; // eight digits and the line's end

    /// <summary>True where the other side does not take it.</summary>
    public bool IsRefused { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return; // a chunk of nothing would be the last
        }
        var chunk = ArrayPool<byte>.Shared.Rent(LongestSize + buffer.Length + 2);
        try
        {
            var length = Encoding.ASCII.GetBytes($"{buffer.Length:x}\r\n", chunk);
            buffer.CopyTo(chunk.AsMemory(length));
            length += buffer.Length;
            "\r\n"u8.CopyTo(chunk.AsSpan(length));
            await SendAsync(chunk.AsMemory(0, length + 2), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>Says that there is no more.</summary>
    public ValueTask EndAsync(CancellationToken cancellationToken) => SendAsync("0\r\n\r\n"u8.ToArray(), cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask; // nothing is held back

    public override void Flush() { }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await connection.WriteAsync(bytes, cancellationToken);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            IsRefused = true;
            throw;
        }
    }
}
