using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using BackendGuide.NativeHosting.Engine;
using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Servers;

/// <summary>
/// RabbitMQ with the management plugin, under a node name, ports, a cookie and a port mapper of its own, so that it and a broker that
/// the machine already has know nothing of each other. There is one user, and it is not guest.
/// </summary>
public sealed class RabbitMqServer : NativeServer
{
    private readonly int port;
    private readonly int managementPort;
    private readonly int distributionPort;
    private ManagedProcess? epmd;

    internal RabbitMqServer(NativeServerOptions options, Watchdog watchdog, PortBook ports)
        : base(options, watchdog)
    {
        port = ports.Get(options.Name);
        managementPort = ports.Get($"{options.Name}-management");
        distributionPort = ports.Get($"{options.Name}-distribution");
        EpmdPort = ports.Get($"{options.Name}-epmd");
        NodeName = $"backendguide-{options.FolderHash}@localhost";
    }

    /// <inheritdoc/>
    public override string Kind => "rabbitmq";

    /// <summary><c>amqp://user:password@host:port</c>.</summary>
    public override string ConnectionString => $"amqp://{UserName}:{Options.Password}@127.0.0.1:{port}";

    /// <summary>The only user, an administrator.</summary>
    public string UserName { get; } = "backendguide";

    /// <summary>Erlang's name of the node, for rabbitmqctl's <c>-n</c>.</summary>
    public string NodeName { get; }

    /// <summary>The file with the node's cookie; rabbitmqctl reads it when HOME is its folder.</summary>
    public string CookiePath => Path.Combine(Options.DataFolder, ".erlang.cookie");

    /// <summary>The port of Erlang's port mapper, for rabbitmqctl in ERL_EPMD_PORT.</summary>
    public int EpmdPort { get; }

    /// <summary>The management plugin's address.</summary>
    public Uri ManagementUrl => new($"http://127.0.0.1:{managementPort}");

    /// <summary>A connection string for a virtual host.</summary>
    public string ConnectionStringFor(string virtualHost) => $"{ConnectionString}/{Uri.EscapeDataString(virtualHost)}";

    /// <inheritdoc/>
    public override async Task StopAsync()
    {
        await base.StopAsync();
        if (epmd is { } mapper)
        {
            await mapper.StopAsync(TimeSpan.FromSeconds(1));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (epmd is { } mapper)
        {
            await mapper.DisposeAsync();
        }
    }

    private protected override Task<ProcessSpec> PrepareAsync(CancellationToken cancellationToken)
    {
        var program = ServerBinaries.RabbitMq() ?? throw new NativeHostingException("RabbitMQ was not found on this machine.");
        WriteConfiguration();
        var startsEpmd = StartPortMapper();
        return Task.FromResult(
            new ProcessSpec(program, [])
            {
                WorkingDirectory = Options.DataFolder,
                Environment = new Dictionary<string, string?>(NodeEnvironment)
                {
                    // Makes the script replace itself by the Erlang machine: our signals and process number are then the broker's own.
                    ["RUNNING_UNDER_SYSTEMD"] = "true",
                    // It shares the machine with all that it serves: who waits does not spin. But on one thread alone, among all those of the services, it
                    // gets too little of a busy machine, and announcements wait for it: there is one for each core, as by default.
                    ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
                        "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
                        + (startsEpmd ? " -start_epmd false" : ""),
                },
            }
        );
    }

    private protected override async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, cancellationToken);
        var stream = client.GetStream();
        // The protocol header; a broker that takes connections answers with the frame (type 1) of Connection.Start.
        await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), cancellationToken);
        var answer = new byte[1];
        return await stream.ReadAsync(answer, cancellationToken) == 1 && answer[0] == 1;
    }

    private Dictionary<string, string?> NodeEnvironment =>
        new()
        {
            ["HOME"] = Options.DataFolder,
            ["RABBITMQ_NODENAME"] = NodeName,
            ["RABBITMQ_CONF_ENV_FILE"] = InFolder("rabbitmq-env.conf"),
            ["RABBITMQ_CONFIG_FILE"] = InFolder("rabbitmq.conf"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = InFolder("advanced.config"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = InFolder("enabled_plugins"),
            ["RABBITMQ_MNESIA_BASE"] = InFolder("mnesia"),
            ["RABBITMQ_LOG_BASE"] = InFolder("log"),
            ["RABBITMQ_PID_FILE"] = InFolder("node.pid"),
            ["RABBITMQ_GENERATED_CONFIG_DIR"] = InFolder("config"),
            ["RABBITMQ_LOGS"] = "-",
            ["RABBITMQ_DIST_PORT"] = distributionPort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_NODE_PORT"] = null,
            ["NOTIFY_SOCKET"] = null,
            ["ERL_EPMD_PORT"] = EpmdPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        };

    private string InFolder(string name) => Path.Combine(Options.DataFolder, name);

    private void WriteConfiguration()
    {
        Folders.WritePrivate(
            InFolder("rabbitmq.conf"),
            $"""
            listeners.tcp.1 = 127.0.0.1:{port}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {managementPort}
            default_user = {UserName}
            default_pass = {Options.Password}
            log.console = true
            log.console.level = info

            """
        );
        Folders.WritePrivate(InFolder("enabled_plugins"), "[rabbitmq_management].\n");
        // Empty, so that the machine's own /etc/rabbitmq is not read.
        Folders.WritePrivate(InFolder("rabbitmq-env.conf"), "");
        Folders.WritePrivate(InFolder("advanced.config"), "[].\n");
        if (!File.Exists(CookiePath))
        {
            Folders.WritePrivate(CookiePath, RandomNumberGenerator.GetHexString(32));
        }
        File.SetUnixFileMode(CookiePath, UnixFileMode.UserRead);
    }

    // Erlang would start the mapper itself, as a daemon that outlives everything. This one is a child like any other.
    private bool StartPortMapper()
    {
        if (epmd is { Exited.IsCompleted: false })
        {
            return true;
        }
        if (ServerBinaries.Epmd() is not { } program)
        {
            return false;
        }
        epmd = ManagedProcess.Start(
            new ProcessSpec(program, ["-port", EpmdPort.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1"])
            {
                WorkingDirectory = Options.DataFolder,
                OutputFile = Options.Outlives ? Options.LogFile : null,
            },
            Watchdog,
            WriteLog
        );
        return true;
    }
}
