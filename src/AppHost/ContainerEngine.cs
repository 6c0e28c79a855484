using System.IO.Pipes;
using System.Net.Sockets;

namespace BackendGuide.AppHost;

/// <summary>Asks whether a container engine answers: where DOCKER_HOST says, else on the sockets where Docker and Podman listen.</summary>
internal static class ContainerEngine
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public static async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        foreach (var address in Addresses())
        {
            if (await AnswersAsync(address, cancellationToken))
            {
                return true;
            }
        }
        return false;
    }

    public static async Task<bool> AnswersAsync(Uri address, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        if (address.Scheme is "unix" or "npipe")
        {
            handler.ConnectCallback = (_, token) => ConnectAsync(address, token);
        }
        using var client = new HttpClient(handler) { Timeout = Limit };
        var origin = address.Scheme is "tcp" or "http" ? $"http://{address.Authority}" : "http://engine";
        try
        {
            using var answer = await client.GetAsync($"{origin}/_ping", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault)
            when (fault is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Nobody there, or nobody who answers in time.
            return false;
        }
    }

    private static IEnumerable<Uri> Addresses()
    {
        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } host)
        {
            return Uri.TryCreate(host, UriKind.Absolute, out var address) ? [address] : [];
        }
        if (OperatingSystem.IsWindows())
        {
            return [new Uri("npipe://./pipe/docker_engine")];
        }
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        string?[] sockets =
        [
            "/var/run/docker.sock",
            $"{home}/.docker/run/docker.sock",
            $"{home}/.docker/desktop/docker.sock",
            runtime is null ? null : $"{runtime}/docker.sock",
            runtime is null ? null : $"{runtime}/podman/podman.sock",
            "/run/podman/podman.sock",
        ];
        return sockets.Where(File.Exists).Select(socket => new Uri($"unix://{socket}"));
    }

    private static async ValueTask<Stream> ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        if (address.Scheme == "npipe")
        {
            var pipe = new NamedPipeClientStream(
                ".",
                Path.GetFileName(address.AbsolutePath),
                PipeDirection.InOut,
                PipeOptions.Asynchronous
            );
            await pipe.ConnectAsync(cancellationToken);
            return pipe;
        }
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.AbsolutePath), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
