using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace BackendGuide.Testing;

/// <summary>
/// A POST over HTTP/1.1 that is sent piece by piece while its answer is read, or is not read, or is cut off: what HttpClient does not do.
/// </summary>
public sealed class DuplexRequest : IAsyncDisposable
{
    private readonly TcpClient _connection;
    private readonly Stream _stream;
    private readonly Queue<byte> _unread = new();
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly StringBuilder _line = new();
    private long _leftOfChunk;
    private bool _hasBegun;

    private DuplexRequest(TcpClient connection) => (_connection, _stream) = (connection, connection.GetStream());

    /// <summary>The answer's headers, once its status is read.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; private set; } = new Dictionary<string, string>();

    /// <summary>Sends the head of the request. The body comes in chunks.</summary>
    /// <param name="server">Where it goes to.</param>
    /// <param name="path">Of the request.</param>
    /// <param name="token">Whose it is; null for nobody.</param>
    /// <param name="mediaType">Of the body.</param>
    /// <param name="receiveBuffer">How much of the answer the connection takes that is not read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<DuplexRequest> OpenAsync(
        Uri server,
        string path,
        string? token,
        CancellationToken cancellationToken,
        string mediaType = "application/x-ndjson",
        int receiveBuffer = 64 * 1024
    )
    {
        ArgumentNullException.ThrowIfNull(server);
        var connection = new TcpClient { ReceiveBufferSize = receiveBuffer, NoDelay = true };
        await connection.ConnectAsync(server.Host, server.Port, cancellationToken);
        var request = new DuplexRequest(connection);
        var authorization = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        var head =
            $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\n{authorization}Content-Type: {mediaType}\r\nTransfer-Encoding: chunked\r\n\r\n";
        await request._stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        return request;
    }

    /// <summary>Sends a piece of the body.</summary>
    public Task SendAsync(string text, CancellationToken cancellationToken) => SendAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    /// <summary>Sends a piece of the body.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        var size = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{piece.Length:x}\r\n"));
        await _stream.WriteAsync((byte[])[.. size, .. piece.Span, .. "\r\n"u8], cancellationToken);
    }

    /// <summary>Ends the body.</summary>
    public async Task EndAsync(CancellationToken cancellationToken) => await _stream.WriteAsync("0\r\n\r\n"u8.ToArray(), cancellationToken);

    /// <summary>Reads the answer's status and headers.</summary>
    public async Task<int> ReadStatusAsync(CancellationToken cancellationToken)
    {
        var status = await ReadHeadLineAsync(cancellationToken);
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        while (await ReadHeadLineAsync(cancellationToken) is { Length: > 0 } header)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            headers[header[..colon]] = header[(colon + 1)..].Trim();
        }
        Headers = headers;
        _hasBegun = true;
        return int.Parse(status.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a line of the answer, which has to be a 200 and come in chunks; null at its end.</summary>
    /// <exception cref="IOException">It was cut off before its end.</exception>
    /// <exception cref="InvalidOperationException">It is another answer.</exception>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        if (!_hasBegun && await ReadStatusAsync(cancellationToken) is not 200 and var status)
        {
            throw new InvalidOperationException($"The answer is a {status}.");
        }
        List<byte> line = [];
        while (await ReadByteAsync(cancellationToken) is { } one)
        {
            if (one == '\n')
            {
                return Encoding.UTF8.GetString([.. line]);
            }
            line.Add(one);
        }
        return line.Count == 0 ? null : throw new IOException("The answer ends within a line.");
    }

    /// <summary>Cuts the connection, in both directions and without a word.</summary>
    public void Cut()
    {
        _connection.LingerState = new LingerOption(enable: true, seconds: 0);
        _connection.Close();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte?> ReadByteAsync(CancellationToken cancellationToken)
    {
        if (_leftOfChunk == 0)
        {
            var size = await ReadHeadLineAsync(cancellationToken);
            size = size.Length == 0 ? await ReadHeadLineAsync(cancellationToken) : size; // what ends the chunk before
            _leftOfChunk = long.Parse(size, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (_leftOfChunk == 0)
            {
                return null;
            }
        }
        _leftOfChunk--;
        return await NextAsync(cancellationToken);
    }

    private async Task<string> ReadHeadLineAsync(CancellationToken cancellationToken)
    {
        _line.Clear();
        while (await NextAsync(cancellationToken) is var one && one != '\n')
        {
            _line.Append((char)one);
        }
        return _line.ToString().TrimEnd('\r');
    }

    private async ValueTask<byte> NextAsync(CancellationToken cancellationToken)
    {
        if (_unread.Count == 0)
        {
            var read = await _stream.ReadAsync(_buffer, cancellationToken);
            if (read == 0)
            {
                throw new IOException("The connection ended.");
            }
            foreach (var one in _buffer.AsSpan(0, read))
            {
                _unread.Enqueue(one);
            }
        }
        return _unread.Dequeue();
    }
}
