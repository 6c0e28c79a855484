using System.Net.Sockets;
using System.Text;
using BackendGuide.NativeHosting.Engine;
using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>Redis as a cache: with a password, on 127.0.0.1 alone, and nothing on the disk.</summary>
public sealed class RedisServer : NativeServer
{
    private readonly int port;

    internal RedisServer(NativeServerOptions options, Watchdog watchdog, PortBook ports)
        : base(options, watchdog) => port = ports.Get(options.Name);

    /// <inheritdoc/>
    public override string Kind => "redis";

    /// <summary><c>host:port,password=…</c>.</summary>
    public override string ConnectionString => $"127.0.0.1:{port},password={Options.Password}";

    private protected override Task<ProcessSpec> PrepareAsync(CancellationToken cancellationToken)
    {
        var program = ServerBinaries.Redis() ?? throw new NativeHostingException("Redis was not found on this machine.");
        var configuration = Path.Combine(Options.DataFolder, "redis.conf");
        // Where it is full, answers go before the floors that they are judged by, which live longer.
        // In a file, for a command line can be read by everybody. "dir ." because a path in this file would need quoting.
        Folders.WritePrivate(
            configuration,
            $"""
            bind 127.0.0.1
            port {port}
            requirepass {Options.Password}
            dir .
            save ""
            appendonly no
            maxmemory 256mb
            maxmemory-policy volatile-ttl
            daemonize no

            """
        );
        return Task.FromResult(new ProcessSpec(program, [configuration]) { WorkingDirectory = Options.DataFolder });
    }

    private protected override async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, cancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {Options.Password}\r\nPING\r\n"), cancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync(cancellationToken) == "+OK" && await reader.ReadLineAsync(cancellationToken) == "+PONG";
    }
}
