namespace BackendGuide.Gateway.Caching;

/// <summary>
/// The body of an answer while it is written: held back until it is whole, so that its headers can say what only then is known. What is no text, is
/// coded already, or is larger than anything that is no stream, passes at once.
/// </summary>
/// <param name="response">The answer, whose headers are there when the first byte is.</param>
/// <param name="client">Where what passes goes.</param>
internal sealed class HeldBody(HttpResponse response, Stream client) : Stream
{
    private const int MostBytes = 16 * 1024 * 1024;

    private MemoryStream? _held;
    private bool _passes;

    /// <summary>All of it; null where it has passed, or nothing was written.</summary>
    public ReadOnlyMemory<byte>? Whole => _held is { } held ? held.GetBuffer().AsMemory(0, (int)held.Length) : null;

    public override bool CanRead => false;

    /// <summary>True, for an answer that is begun anew after a failure is emptied by <see cref="SetLength"/>.</summary>
    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _held?.Length ?? 0;

    public override long Position
    {
        get => Length;
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Holds(buffer.Length))
        {
            _held!.Write(buffer.Span);
            return;
        }
        if (_held is { } held)
        {
            _held = null;
            await client.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), cancellationToken);
        }
        await client.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (Holds(count))
        {
            _held!.Write(buffer, offset, count);
            return;
        }
        if (_held is { } held)
        {
            _held = null;
            held.WriteTo(client);
        }
        client.Write(buffer, offset, count);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        Holds(0) ? Task.CompletedTask : client.FlushAsync(cancellationToken);

    public override void Flush()
    {
        if (!Holds(0))
        {
            client.Flush();
        }
    }

    public override void SetLength(long value)
    {
        if (value != 0)
        {
            throw new NotSupportedException();
        }
        _held = null; // what comes now has other headers
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    private bool Holds(int more)
    {
        if (!_passes && _held is null && ContentCodings.CanBeMadeOf(response))
        {
            _held = new MemoryStream((int)Math.Clamp(response.ContentLength ?? 0, 0, MostBytes));
        }
        _passes |= _held is null || _held.Length + more > MostBytes;
        return !_passes;
    }
}
