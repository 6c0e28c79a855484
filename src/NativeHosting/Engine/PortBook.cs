using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>
/// Free ports by name, remembered in a file, so that a restart gets the same ones while nobody else took them. They come from below
/// the range that the system gives to outgoing connections, which could take one between the choice and the listening.
/// </summary>
internal sealed class PortBook(string file)
{
    private const int First = 20_000;
    private const int Last = 32_000;
    private readonly Lock gate = new();
    private readonly HashSet<int> given = [];
    private readonly Dictionary<string, int> remembered = Read(file);

    public int Get(string name)
    {
        lock (gate)
        {
            var port = remembered.TryGetValue(name, out var kept) && IsFree(kept) && given.Add(kept) ? kept : Choose();
            if (port != kept)
            {
                remembered[name] = port;
                Folders.WritePrivate(file, JsonSerializer.Serialize(remembered));
            }
            return port;
        }
    }

    public static bool IsFree(int port) =>
        CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    private static bool CanListen(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As servers do: a connection that is merely winding down does not make its port taken.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return true;
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // A machine without ::1.
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Dictionary<string, int> Read(string file) =>
        File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(file)) ?? [] : [];

    private int Choose()
    {
        for (var attempt = 0; attempt < 500; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (IsFree(port) && given.Add(port))
            {
                return port;
            }
        }
        throw new NativeHostingException($"No free port was found between {First} and {Last}.");
    }
}
