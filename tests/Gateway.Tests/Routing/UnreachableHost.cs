using System.Net;
using System.Net.Sockets;

namespace BackendGuide.Gateway.Tests.Routing;

/// <summary>
/// A host that neither takes a connection nor refuses it, as one does that is cut off: its queue of those that wait to be taken is full, and the system drops
/// what else comes.
/// </summary>
internal sealed class UnreachableHost : IDisposable
{
    private static readonly TimeSpan s_longEnough = TimeSpan.FromSeconds(1);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _waiting = [];

    private UnreachableHost()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(backlog: 1);
    }

    public string Address => $"http://{_listener.LocalEndPoint}";

    public static async Task<UnreachableHost> StartAsync(CancellationToken cancellationToken)
    {
        var host = new UnreachableHost();
        while (await host.TakesOneAsync(cancellationToken))
        {
            Assert.True(host._waiting.Count < 100, "the system takes more connections than it was told to");
        }
        return host;
    }

    public void Dispose()
    {
        _waiting.ForEach(socket => socket.Dispose());
        _listener.Dispose();
    }

    private async Task<bool> TakesOneAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _waiting.Add(socket);
        try
        {
            await socket.ConnectAsync(_listener.LocalEndPoint!, cancellationToken).AsTask().WaitAsync(s_longEnough, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
