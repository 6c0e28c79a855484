using System.Diagnostics;
using BackendGuide.NativeHosting.Servers;

namespace BackendGuide.Testing.Faults;

/// <summary>Runs <c>rabbitmqctl</c> against the broker of a started system: for what its management API cannot do.</summary>
public static class RabbitMqControl
{
    /// <summary>Runs a command and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has its output.</exception>
    public static async Task<string> RunAsync(
        ListedResource broker,
        CancellationToken cancellationToken,
        params IEnumerable<string> arguments
    )
    {
        var server = ServerBinaries.RabbitMq() ?? throw new InvalidOperationException("RabbitMQ was not found on this machine.");
        // The package's own script: what is on the PATH changes user and folder, and then knows another cookie.
        var start = new ProcessStartInfo(
            Path.Combine(Path.GetDirectoryName(server)!, "rabbitmqctl"),
            ["--quiet", "--node", broker.NodeName!, .. arguments]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["HOME"] = Path.GetDirectoryName(broker.CookiePath!)!,
                ["ERL_EPMD_PORT"] = broker.EpmdPort!.Value.ToString(null, null),
                ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(Path.GetDirectoryName(broker.CookiePath!)!, "rabbitmq-env.conf"),
            },
        };
        using var control = Process.Start(start)!;
        var output = control.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = control.StandardError.ReadToEndAsync(cancellationToken);
        await control.WaitForExitAsync(cancellationToken);
        return control.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', arguments)}: {await output}{await errors}");
    }
}
