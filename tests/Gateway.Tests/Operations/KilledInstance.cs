using System.Net;
using System.Net.Sockets;
using System.Text;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Gateway.Tests.Operations;

/// <summary>
/// An instance that answers once and is killed over its second request: the system closes the connection in good order, and from then on
/// nobody listens; or, where it survives that, it goes on listening, and answers what comes. A server in this process cannot be made to die so. What the
/// gateway asks on its own account is no request here.
/// </summary>
internal sealed class KilledInstance : IAsyncDisposable
{
    private const string Body = """{"redriven":1}""";
    private static readonly string[] s_ofTheGateway = [Backend.PositionsPath, Backend.AlivePath];
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly bool _survives;
    private readonly Task _life;

    /// <param name="survives">True where it only closes the connection over which its second request came.</param>
    public KilledInstance(bool survives = false)
    {
        _survives = survives;
        _listener.Start();
        Address = $"http://{_listener.LocalEndpoint}";
        _life = LiveAsync();
    }

    public string Address { get; }

    public int Requests { get; private set; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _life.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task LiveAsync()
    {
        while (_survives || Requests < 2)
        {
            using var connection = await _listener.AcceptTcpClientAsync();
            await using var stream = connection.GetStream();
            while (await ReadRequestAsync(stream) is { } request)
            {
                if (s_ofTheGateway.Any(path => request.StartsWith($"GET {path}", StringComparison.Ordinal)))
                {
                    await AnswerAsync(stream, ChangeCursor.Start.ToString(), "Connection: close\r\n");
                    break; // one connection at a time is served here, and this one would be kept
                }
                Requests++;
                if (Requests == 2)
                {
                    if (!_survives)
                    {
                        _listener.Stop(); // before the connection ends: nobody listens when that is noticed
                    }
                    break;
                }
                await AnswerAsync(stream, Body);
            }
        }
    }

    private static ValueTask AnswerAsync(NetworkStream stream, string body, string more = "") =>
        stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{more}Content-Length: {body.Length}\r\n\r\n{body}"
            )
        );

    // None of them has a body, so a request ends with its headers.
    private static async Task<string?> ReadRequestAsync(NetworkStream stream)
    {
        var (received, next) = (new StringBuilder(), new byte[1024]);
        while (!received.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(next);
            if (count == 0)
            {
                return null;
            }
            received.Append(Encoding.ASCII.GetString(next, 0, count));
        }
        return received.ToString();
    }
}
