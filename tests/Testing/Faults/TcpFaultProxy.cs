using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BackendGuide.Testing.Faults;

/// <summary>
/// Stands between a client and a server and breaks the way, where killing the server would not be the fault: slow, cut, or half-open.
/// It listens on a port of its own on 127.0.0.1; the client is given that instead of the server's.
/// </summary>
public sealed class TcpFaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<ProxiedConnection, bool> _connections = [];
    private readonly FaultState _state = new();
    private readonly string _host;
    private readonly int _port;
    private readonly Task _accepting;

    private TcpFaultProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect instead of to the server.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The connections that are open now.</summary>
    public int Connections => _connections.Count;

    /// <summary>Starts a proxy before a server; the server need not be there yet.</summary>
    public static TcpFaultProxy Start(string host, int port) => new(host, port);

    /// <summary>Delays what is sent from now on, each way by this much; it stays in order and as fast as it was.</summary>
    public void Delay(TimeSpan latency) => _state.Latency = latency;

    /// <summary>Resets all connections, stalled ones too, and each new one as soon as it is there.</summary>
    public void Cut()
    {
        _state.IsCut = true;
        foreach (var connection in _connections.Keys)
        {
            connection.Dispose();
        }
        _state.GoOn(); // what stood still finds its ends gone
    }

    /// <summary>
    /// Stands still: connections stay open and new ones are taken, but nothing is read or forwarded any more, as where the other end is
    /// stopped or a cable is out. What was sent already waits.
    /// </summary>
    public void Stall() => _state.Stall();

    /// <summary>
    /// Stalls as soon as a client sends something with this text in it, which is the first that does not arrive. The text is found only where
    /// it comes in one piece.
    /// </summary>
    /// <returns>Completes when it has happened.</returns>
    public Task StallBefore(string text) => _state.StallBefore(Encoding.UTF8.GetBytes(text));

    /// <summary>Ends all faults: what was stalled goes on where it stood, what was cut stays so, and new connections work.</summary>
    public void Resume()
    {
        _state.IsCut = false;
        _state.Latency = TimeSpan.Zero;
        _state.GoOn();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        await _accepting;
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> running = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                running.RemoveAll(run => run.IsCompleted);
                running.Add(RunAsync(client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            await Task.WhenAll(running); // the listener is stopped, and they are cut
        }
    }

    private async Task RunAsync(Socket client)
    {
        using var connection = new ProxiedConnection(client, _state);
        _connections[connection] = true;
        await connection.RunAsync(_host, _port);
        _connections.TryRemove(connection, out _);
    }
}
