using System.Buffers;
using System.IO.Pipelines;

namespace BackendGuide.ContentService.Imports;

/// <summary>A line of a body.</summary>
/// <param name="Number">From 1; blank lines count.</param>
/// <param name="Text">Without its end; only good until the next line is taken. Empty where the line is too long.</param>
/// <param name="IsTooLong">It has more than <see cref="BodyLines.Longest"/> bytes.</param>
internal readonly record struct BodyLine(long Number, ReadOnlyMemory<byte> Text, bool IsTooLong);

/// <summary>
/// The lines of a body that are not blank, however long the body is. Of a line that is longer than any that could be taken nothing is kept but its
/// number: it is passed over as it comes.
/// </summary>
/// <param name="body">Ends with or without the end of a line, and may begin with a byte order mark.</param>
internal sealed class BodyLines(PipeReader body)
{
    /// <summary>In bytes: what is longer is no guide, in whatever way its text is escaped.</summary>
    public const int Longest = 2 * 1024 * 1024;

    private static readonly byte[] s_byteOrderMark = [0xEF, 0xBB, 0xBF];

    private ReadOnlySequence<byte> _unread;
    private bool _isPassingOver;
    private bool _hasBegun;
    private bool _hasEnded;
    private long _number;
    private byte[] _line = new byte[16 * 1024];

    /// <summary>Waits for more of the body; false where there is no more. All lines must have been taken before.</summary>
    /// <exception cref="IOException">The body was cut off.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (_hasEnded)
        {
            return false;
        }
        if (_hasBegun)
        {
            body.AdvanceTo(_unread.Start, _unread.End);
        }
        _hasBegun = true;
        var read = await body.ReadAsync(cancellationToken);
        (_unread, _hasEnded) = (read.Buffer, read.IsCompleted);
        return true;
    }

    /// <summary>Takes the next line, of what has come; false where that has no whole line left.</summary>
    public bool TryTake(out BodyLine line)
    {
        while (TryCut(out var text))
        {
            _number++;
            if (_isPassingOver || text.Length > Longest)
            {
                _isPassingOver = false;
                line = new BodyLine(_number, default, IsTooLong: true);
                return true;
            }
            var bytes = WithoutMark(Copy(text));
            if (bytes.Span.ContainsAnyExcept(" \t\r"u8))
            {
                line = new BodyLine(_number, bytes, IsTooLong: false);
                return true;
            }
        }
        if (_unread.Length > Longest)
        {
            _isPassingOver = true;
        }
        if (_isPassingOver)
        {
            _unread = _unread.Slice(_unread.End);
        }
        line = default;
        return false;
    }

    private bool TryCut(out ReadOnlySequence<byte> text)
    {
        if (_unread.PositionOf((byte)'\n') is { } end)
        {
            text = _unread.Slice(0, end);
            _unread = _unread.Slice(_unread.GetPosition(1, end));
            return true;
        }
        text = _unread;
        if (!_hasEnded || (_unread.IsEmpty && !_isPassingOver))
        {
            return false;
        }
        _unread = _unread.Slice(_unread.End);
        return true;
    }

    private ReadOnlyMemory<byte> Copy(in ReadOnlySequence<byte> text)
    {
        var length = (int)text.Length;
        if (_line.Length < length)
        {
            _line = new byte[Math.Min(Longest, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length))];
        }
        text.CopyTo(_line);
        return _line.AsMemory(0, length);
    }

    private ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> text) =>
        _number == 1 && text.Span.StartsWith(s_byteOrderMark) ? text[s_byteOrderMark.Length..] : text;
}
