using BackendGuide.CareerService.Salaries.Observations;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>All that a reader made of a body.</summary>
internal sealed record ReadRows(IReadOnlyList<SentObservation> Rows, IReadOnlyList<RejectedRow> Rejected)
{
    /// <summary>When they come.</summary>
    public static readonly DateOnly Today = new(2026, 11, 22);

    public static async Task<ReadRows> OfAsync(IObservationReader reader)
    {
        List<SentObservation> rows = [];
        List<RejectedRow> rejected = [];
        var chunk = new UploadChunk();
        while (true)
        {
            chunk.Clear();
            var isLast = await reader.FillAsync(chunk, TestContext.Current.CancellationToken);
            rows.AddRange(chunk.Rows);
            rejected.AddRange(chunk.Rejected);
            if (isLast)
            {
                return new ReadRows(rows, rejected);
            }
            Assert.True(chunk.IsFull);
        }
    }

    /// <summary>Each fault of what was refused: its line, its place and what is said.</summary>
    public IReadOnlyList<string> Says() =>
        [.. from row in Rejected from error in row.Errors from message in error.Value select $"{row.Line} {error.Key}: {message}"];
}

/// <summary>A body that comes in pieces of certain lengths.</summary>
internal sealed class PiecewiseBody(byte[] bytes, Func<int> length) : MemoryStream(bytes)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, length())], cancellationToken);
}

/// <summary>A body that begins in one way and goes on in another for ever.</summary>
internal sealed class EndlessBody(string beginning, string rest) : Stream
{
    private byte[] _next = System.Text.Encoding.UTF8.GetBytes(beginning);

    /// <summary>How much of it was read.</summary>
    public long Given { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var length = Math.Min(count, _next.Length);
        _next.AsSpan(0, length).CopyTo(buffer.AsSpan(offset));
        _next = length < _next.Length ? _next[length..] : System.Text.Encoding.UTF8.GetBytes(rest);
        Given += length;
        return length;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
