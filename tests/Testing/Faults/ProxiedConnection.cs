using System.Net.Sockets;
using System.Threading.Channels;

namespace BackendGuide.Testing.Faults;

/// <summary>A client's connection and the one that was made for it to the server.</summary>
internal sealed class ProxiedConnection(Socket client, FaultState state) : IDisposable
{
    private const int ChunkSize = 16 * 1024;
    private const int ChunksUnderWay = 64;

    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Forwards both ways until one end closes or is cut off; never throws.</summary>
    public async Task RunAsync(string host, int port)
    {
        try
        {
            await state.Passable;
            ObjectDisposedException.ThrowIf(state.IsCut, this);
            client.NoDelay = _server.NoDelay = true;
            await _server.ConnectAsync(host, port);
            await Task.WhenAll(ForwardAsync(client, _server), ForwardAsync(_server, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // An end is gone, and so is this: the other learns it by a reset, as it would without a proxy.
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Ends it both ways without a farewell.</summary>
    public void Dispose()
    {
        client.Close(timeout: 0);
        _server.Close(timeout: 0);
    }

    // What is under way is bounded, so that a slow receiver is felt by the sender.
    private async Task ForwardAsync(Socket from, Socket to)
    {
        var chunks = Channel.CreateBounded<(DateTimeOffset Due, byte[] Bytes)>(ChunksUnderWay);
        await Task.WhenAll(
            UntilAnEndIsGoneAsync(() => ReceiveAsync(from, chunks.Writer), chunks.Writer),
            UntilAnEndIsGoneAsync(() => SendAsync(chunks.Reader, to), chunks.Writer)
        );
    }

    // All four loops of a connection end together, or the others would wait for ever.
    private async Task UntilAnEndIsGoneAsync(Func<Task> loop, ChannelWriter<(DateTimeOffset Due, byte[] Bytes)> chunks)
    {
        try
        {
            await loop();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or ChannelClosedException)
        {
            Dispose();
        }
        finally
        {
            chunks.TryComplete();
        }
    }

    private async Task ReceiveAsync(Socket from, ChannelWriter<(DateTimeOffset Due, byte[] Bytes)> chunks)
    {
        var buffer = new byte[ChunkSize];
        while (true)
        {
            await state.Passable;
            var count = await from.ReceiveAsync(buffer);
            if (count == 0)
            {
                return;
            }
            if (from == client)
            {
                state.Look(buffer.AsSpan(0, count));
            }
            await chunks.WriteAsync((TimeProvider.System.GetUtcNow() + state.Latency, buffer[..count]));
        }
    }

    private async Task SendAsync(ChannelReader<(DateTimeOffset Due, byte[] Bytes)> chunks, Socket to)
    {
        await foreach (var (due, bytes) in chunks.ReadAllAsync())
        {
            var early = due - TimeProvider.System.GetUtcNow();
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, TimeProvider.System);
            }
            await state.Passable;
            await SendAllAsync(to, bytes);
        }
        to.Shutdown(SocketShutdown.Send);
    }

    private static async Task SendAllAsync(Socket to, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length; )
        {
            sent += await to.SendAsync(bytes.AsMemory(sent));
        }
    }
}
