using System.Globalization;
using Npgsql;

namespace BackendGuide.Testing.Faults;

/// <summary>A server with a <see cref="TcpFaultProxy"/> before it, and the connection string that leads through it.</summary>
public sealed class ProxiedServer : IAsyncDisposable
{
    private ProxiedServer(TcpFaultProxy proxy, string connectionString)
    {
        Proxy = proxy;
        ConnectionString = connectionString;
    }

    public TcpFaultProxy Proxy { get; }

    /// <summary>The server's own, but for the address.</summary>
    public string ConnectionString { get; }

    /// <summary>PostgreSQL, by a connection string of Npgsql's.</summary>
    public static ProxiedServer Postgres(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var proxy = TcpFaultProxy.Start(settings.Host!, settings.Port);
        (settings.Host, settings.Port) = ("127.0.0.1", proxy.Port);
        return new ProxiedServer(proxy, settings.ConnectionString);
    }

    /// <summary>RabbitMQ, by an amqp URI.</summary>
    public static ProxiedServer RabbitMq(string connectionString)
    {
        var address = new UriBuilder(connectionString);
        var proxy = TcpFaultProxy.Start(address.Host, address.Port);
        (address.Host, address.Port) = ("127.0.0.1", proxy.Port);
        return new ProxiedServer(proxy, address.Uri.AbsoluteUri.TrimEnd('/'));
    }

    /// <summary>Redis, by a connection string of StackExchange.Redis's that begins with its one <c>host:port</c>.</summary>
    public static ProxiedServer Redis(string connectionString)
    {
        var end = connectionString.IndexOf(',', StringComparison.Ordinal) is var comma && comma < 0 ? connectionString.Length : comma;
        var address = connectionString[..end].Split(':');
        var proxy = TcpFaultProxy.Start(address[0], int.Parse(address[1], CultureInfo.InvariantCulture));
        return new ProxiedServer(proxy, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{proxy.Port}{connectionString[end..]}"));
    }

    public ValueTask DisposeAsync() => Proxy.DisposeAsync();
}
