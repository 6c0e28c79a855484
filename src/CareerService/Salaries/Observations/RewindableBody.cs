using System.Buffers;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>A body that is read once, and of which the last mebibyte can be read again.</summary>
internal sealed class RewindableBody(Stream body) : Stream
{
    private const int MostKept = 1024 * 1024;

    private readonly byte[] _window = ArrayPool<byte>.Shared.Rent(2 * MostKept);
    private long _begin; // where in the body the window begins
    private int _length;
    private int _next;
    private bool _isDisposed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _begin + _next;
        set => throw new NotSupportedException();
    }

    /// <summary>What was read from a place on; empty where it is not there any more.</summary>
    /// <param name="offset">Counted from the beginning of the body.</param>
    public ReadOnlySpan<byte> From(long offset) =>
        offset >= _begin && offset <= _begin + _length ? _window.AsSpan((int)(offset - _begin).._length) : [];

    /// <summary>Goes back to a place that <see cref="From"/> has.</summary>
    public void Rewind(long offset) => _next = (int)(offset - _begin);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_next == _length)
        {
            if (_length == _window.Length)
            {
                _window.AsSpan(_length - MostKept).CopyTo(_window);
                (_begin, _length) = (_begin + _length - MostKept, MostKept);
            }
            _next = _length;
            _length += await body.ReadAsync(
                _window.AsMemory(_length, Math.Min(buffer.Length, _window.Length - _length)),
                cancellationToken
            );
        }
        var given = Math.Min(buffer.Length, _length - _next);
        _window.AsMemory(_next, given).CopyTo(buffer);
        _next += given;
        return given;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            ArrayPool<byte>.Shared.Return(_window);
        }
        base.Dispose(disposing);
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
