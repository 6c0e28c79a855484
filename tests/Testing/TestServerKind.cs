using System.Net.Sockets;

namespace BackendGuide.Testing;

/// <summary>Where the tests' servers come from.</summary>
internal enum TestServerKind
{
    Native,
    Containers,
}

internal static class TestServerChoice
{
    /// <summary><c>containers</c> or <c>native</c> forces one; without it, containers where an engine answers.</summary>
    public const string Variable = "BACKENDGUIDE_TEST_SERVERS";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    /// <exception cref="InvalidOperationException">The variable says something else.</exception>
    public static async Task<TestServerKind> MakeAsync(CancellationToken cancellationToken) =>
        Environment.GetEnvironmentVariable(Variable) switch
        {
            "containers" => TestServerKind.Containers,
            "native" => TestServerKind.Native,
            null or "" => await EngineAnswersAsync(cancellationToken) ? TestServerKind.Containers : TestServerKind.Native,
            var other => throw new InvalidOperationException($"{Variable} is '{other}'. It must be containers or native, or not set."),
        };

    private static async Task<bool> EngineAnswersAsync(CancellationToken cancellationToken)
    {
        var host = Environment.GetEnvironmentVariable("DOCKER_HOST");
        string[] endpoints = string.IsNullOrEmpty(host)
            ?
            [
                "unix:///var/run/docker.sock",
                $"unix://{Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR")}/docker.sock",
                $"unix://{Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)}/.docker/run/docker.sock",
            ]
            : [host];
        foreach (var endpoint in endpoints)
        {
            if (await AnswersAsync(new Uri(endpoint), cancellationToken))
            {
                return true;
            }
        }
        return false;
    }

    private static async Task<bool> AnswersAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) =>
            {
                var isUnix = endpoint.Scheme == "unix";
                var socket = isUnix
                    ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                    : new Socket(SocketType.Stream, ProtocolType.Tcp);
                await (
                    isUnix
                        ? socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.LocalPath), token)
                        : socket.ConnectAsync(endpoint.Host, endpoint.Port, token)
                );
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        try
        {
            using var answer = await client.GetAsync(new Uri("http://engine/_ping"), limit.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
