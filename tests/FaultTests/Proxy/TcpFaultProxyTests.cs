using System.Diagnostics;
using System.Net.Sockets;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.FaultTests.Proxy;

public sealed class TcpFaultProxyTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly EchoServer _server = new();
    private TcpFaultProxy? _proxy;

    private TcpFaultProxy Proxy => _proxy!;

    public ValueTask InitializeAsync()
    {
        _proxy = TcpFaultProxy.Start("127.0.0.1", _server.Port);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Proxy_WithoutFault_ForwardsAllOfItBothWays()
    {
        var sent = new byte[3_000_000];
        new Random(1).NextBytes(sent);
        using var client = await ConnectAsync();

        var sending = client.GetStream().WriteAsync(sent, _cancelled);
        var got = new byte[sent.Length];
        await client.GetStream().ReadExactlyAsync(got, _cancelled);
        await sending;

        Assert.Equal(sent, got);
    }

    [Fact]
    public async Task Proxy_WhenAnEndCloses_ClosesTheOther()
    {
        var client = await ConnectAsync();
        await EchoAsync(client, 1);

        client.Dispose();

        await Eventually.EqualAsync(0, () => Task.FromResult(Proxy.Connections), Deadline, "open connections", _cancelled);
    }

    [Fact]
    public async Task Proxy_WithLatency_DelaysEachWayAndKeepsTheOrder()
    {
        using var client = await ConnectAsync();
        await EchoAsync(client, 0);
        Proxy.Delay(TimeSpan.FromMilliseconds(150));

        var since = Stopwatch.StartNew();
        foreach (var value in Enumerable.Range(1, 20))
        {
            await client.GetStream().WriteAsync(new[] { (byte)value }, _cancelled);
        }
        var got = new byte[20];
        await client.GetStream().ReadExactlyAsync(got, _cancelled);

        Assert.Equal(Enumerable.Range(1, 20).Select(value => (byte)value), got);
        Assert.InRange(since.Elapsed, TimeSpan.FromMilliseconds(290), TimeSpan.FromMilliseconds(290 * 15)); // and not twenty times as much
    }

    [Fact]
    public async Task Proxy_ThatIsCut_ResetsConnectionsAndRefusesNewOnesUntilItResumes()
    {
        using var client = await ConnectAsync();
        await EchoAsync(client, 1);

        Proxy.Cut();

        await Assert.ThrowsAnyAsync<IOException>(() => EchoAsync(client, 2));
        // The reset may come during the connect or after it.
        var refused = await Record.ExceptionAsync(async () =>
        {
            using var second = await ConnectAsync();
            await EchoAsync(second, 3);
        });
        Assert.True(refused is IOException or SocketException, $"{refused}");
        Proxy.Resume();
        using var third = await ConnectAsync();
        await EchoAsync(third, 4);
        Assert.Equal(2, _server.Received);
    }

    [Fact]
    public async Task Proxy_ThatStalls_TakesConnectionsAndForwardsNothingUntilItResumes()
    {
        using var open = await ConnectAsync();
        await EchoAsync(open, 1);

        Proxy.Stall();
        using var opened = await ConnectAsync();
        await open.GetStream().WriteAsync(new byte[] { 2 }, _cancelled);
        await opened.GetStream().WriteAsync(new byte[] { 3 }, _cancelled);
        var answer = open.GetStream().ReadAsync(new byte[1], _cancelled).AsTask();

        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromMilliseconds(500), _cancelled));
        Assert.Equal(1, _server.Received);
        Proxy.Resume();
        Assert.Equal(1, await answer.WaitAsync(Deadline, _cancelled));
        await Eventually.EqualAsync(3, () => Task.FromResult(_server.Received), Deadline, "bytes that waited", _cancelled);
    }

    [Fact]
    public async Task Proxy_ThatStalls_StopsReadingSoThatTheSenderIsHeldUp()
    {
        using var client = await ConnectAsync();
        await EchoAsync(client, 1);

        Proxy.Stall();
        var sending = client.GetStream().WriteAsync(new byte[64 * 1024 * 1024], _cancelled).AsTask();

        await Assert.ThrowsAsync<TimeoutException>(() => sending.WaitAsync(TimeSpan.FromSeconds(1), _cancelled));
        Proxy.Cut();
        Proxy.Resume();
        await Assert.ThrowsAnyAsync<IOException>(() => sending);
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", Proxy.Port, _cancelled);
        return client;
    }

    private async Task EchoAsync(TcpClient client, byte value)
    {
        await client.GetStream().WriteAsync(new[] { value }, _cancelled);
        var answer = new byte[1];
        await client.GetStream().ReadExactlyAsync(answer, _cancelled); // EndOfStreamException is an IOException
        Assert.Equal(value, answer[0]);
    }
}
