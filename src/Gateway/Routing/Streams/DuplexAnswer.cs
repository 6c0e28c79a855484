using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;

namespace BackendGuide.Gateway.Routing.Streams;

/// <summary>Reads the answer on a connection that has one request (RFC 9112).</summary>
/// <param name="connection">Closed with the answer's body.</param>
internal sealed class DuplexAnswer(Stream connection)
{
    private const int LongestHead = 64 * 1024;

    private readonly PipeReader _reader = PipeReader.Create(connection);

    /// <summary>Reads the head; the body is read by whoever wants it.</summary>
    /// <exception cref="HttpRequestException">What comes is no answer.</exception>
    public async Task<HttpResponseMessage> ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lines = await ReadHeadAsync(cancellationToken);
            var status = StatusOf(lines[0]);
            if (status >= 200)
            {
                return ToResponse(request, status, lines);
            }
            // Something in between: the answer is still to come.
        }
    }

    private async Task<string[]> ReadHeadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            if (TryCutHead(read.Buffer, out var head, out var end))
            {
                var lines = Encoding.Latin1.GetString(head).Split("\r\n");
                _reader.AdvanceTo(end);
                return lines;
            }
            if (read.IsCompleted || read.Buffer.Length > LongestHead)
            {
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The service's answer has no end of its headers.");
            }
            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool TryCutHead(in ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> head, out SequencePosition end)
    {
        var reader = new SequenceReader<byte>(buffer);
        var isWhole = reader.TryReadTo(out head, "\r\n\r\n"u8);
        end = reader.Position;
        return isWhole;
    }

    private static int StatusOf(string line) =>
        line.Split(' ', 3) is [['H', 'T', 'T', 'P', '/', '1', '.', _], { Length: 3 } code, ..]
        && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : throw new HttpRequestException(HttpRequestError.InvalidResponse, "The service's answer does not begin as one.");

    private HttpResponseMessage ToResponse(HttpRequestMessage request, int status, IEnumerable<string> lines)
    {
        var body = new AnswerBody(_reader, connection);
        var response = new HttpResponseMessage((HttpStatusCode)status)
        {
            RequestMessage = request,
            Version = HttpVersion.Version11,
            Content = new StreamContent(body),
        };
        foreach (var line in lines.Skip(1))
        {
            var (name, value) = AnswerBody.ToHeader(line);
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }
        if (response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified)
        {
            body.ExpectBytes(0);
        }
        else if (response.Headers.TransferEncodingChunked == true)
        {
            body.ExpectChunks(response.TrailingHeaders);
        }
        else
        {
            body.ExpectBytes(response.Content.Headers.ContentLength);
        }
        return response;
    }
}
