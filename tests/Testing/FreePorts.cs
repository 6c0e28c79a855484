using System.Net;
using System.Net.Sockets;

namespace BackendGuide.Testing;

/// <summary>Ports for systems that tests start.</summary>
public static class FreePorts
{
    // Below what the system gives to outgoing connections, which could take one between the choice and the listening, and apart from what
    // a started system chooses for its own parts.
    private const int First = 12_000;
    private const int Last = 19_900;

    /// <summary>The first of <paramref name="count"/> ports in a row on which nobody listens.</summary>
    public static int Take(int count = 1)
    {
        while (true)
        {
            var first = Random.Shared.Next(First, Last);
            if (Enumerable.Range(first, count).All(IsFree))
            {
                return first;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
