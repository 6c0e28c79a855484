using System.Net;
using System.Net.Sockets;

namespace BackendGuide.FaultTests.Proxy;

/// <summary>A server that sends back what it gets, and counts it.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private long _received;

    public EchoServer()
    {
        _listener.Start();
        _running = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public long Received => Interlocked.Read(ref _received);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> echoes = [];
        try
        {
            while (true)
            {
                echoes.Add(EchoAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(echoes); // the server stops
        }
    }

    private async Task EchoAsync(TcpClient client)
    {
        using var connection = client;
        var stream = connection.GetStream();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, _stopping.Token) is var count and > 0)
            {
                Interlocked.Add(ref _received, count);
                await stream.WriteAsync(buffer.AsMemory(0, count), _stopping.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return; // the connection was reset, or the server stops
        }
    }
}
