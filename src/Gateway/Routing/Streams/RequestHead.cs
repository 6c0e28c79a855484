using System.Net.Http.Headers;
using System.Text;

namespace BackendGuide.Gateway.Routing.Streams;

/// <summary>The first lines of a request over HTTP/1.1 (RFC 9112).</summary>
internal static class RequestHead
{
    // How this message is framed, and how long the connection lives, is nobody's but this connection's.
    private static readonly HashSet<string> s_ofTheConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection",
        "Content-Length",
        "Expect",
        "Host",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
    };

    /// <summary>True where there is a body: one that says that it has no bytes is none.</summary>
    public static bool HasBody(HttpRequestMessage request) => request.Content is { Headers.ContentLength: not 0 };

    /// <summary>Writes it. Where there is a body, it is to be sent in chunks.</summary>
    /// <exception cref="HttpRequestException">A header has what would end it.</exception>
    public static ReadOnlyMemory<byte> Write(HttpRequestMessage request)
    {
        var address = request.RequestUri!;
        var head = new StringBuilder();
        head.Append(null, $"{request.Method} {address.PathAndQuery} HTTP/1.1\r\n");
        head.Append(null, $"Host: {request.Headers.Host ?? address.Authority}\r\n");
        Append(head, request.Headers.NonValidated);
        if (request.Content is { } content)
        {
            Append(head, content.Headers.NonValidated);
        }
        head.Append(HasBody(request) ? "Transfer-Encoding: chunked\r\n" : "Content-Length: 0\r\n");
        head.Append("Connection: close\r\n\r\n");
        return Encoding.UTF8.GetBytes(head.ToString()); // as the gateway's server read it
    }

    private static void Append(StringBuilder head, HttpHeadersNonValidated headers)
    {
        foreach (var (name, values) in headers)
        {
            if (s_ofTheConnection.Contains(name))
            {
                continue;
            }
            foreach (var value in values)
            {
                if (value.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
                {
                    throw new HttpRequestException($"The header {name} has a line break.");
                }
                head.Append(null, $"{name}: {value}\r\n");
            }
        }
    }
}
