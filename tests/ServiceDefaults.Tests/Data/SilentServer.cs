using System.Net;
using System.Net.Sockets;

namespace BackendGuide.ServiceDefaults.Tests.Data;

/// <summary>Accepts connections (the system does, from its backlog) and never says a word: what a stopped server looks like.</summary>
internal sealed class SilentServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SilentServer() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>A port on which nothing listens.</summary>
    public static int ClosedPort()
    {
        using var server = new SilentServer();
        return server.Port;
    }

    public void Dispose() => _listener.Dispose();
}
