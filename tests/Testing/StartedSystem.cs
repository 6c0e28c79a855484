using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.Testing;

/// <summary>The whole system, started as a user starts it: <c>dotnet run --project src/AppHost</c>, with a data folder of its own.</summary>
public sealed class StartedSystem : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(60);

    private readonly SystemProcess _run;
    private readonly List<string> _output = [];

    private StartedSystem(string dataFolder, IReadOnlyDictionary<string, string>? environment)
    {
        DataFolder = dataFolder;
        Port = FreePorts.Take(count: 2); // a second gateway takes the next one
        Client = DocumentedAnswers.CreateClient(new Uri($"http://localhost:{Port}"));
        _run = new SystemProcess(
            new Dictionary<string, string>(environment ?? new Dictionary<string, string>())
            {
                ["BACKENDGUIDE_DATA"] = dataFolder,
                ["Gateway__Port"] = Port.ToString(null, null),
                ["BACKENDGUIDE_ENGINE"] = "native",
            }
        );
    }

    public string DataFolder { get; }

    public int Port { get; }

    public HttpClient Client { get; }

    /// <summary>All that it printed until it was ready.</summary>
    public IReadOnlyList<string> Output => _output;

    /// <summary>Starts it, with more in its environment where given, and waits for its word that it is ready.</summary>
    public static async Task<StartedSystem> StartAsync(
        string dataFolder,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var system = new StartedSystem(dataFolder, environment);
        system._run.Start();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartDeadline);
        try
        {
            await foreach (var line in system._run.ReadLinesAsync(deadline.Token))
            {
                system._output.Add(line);
                if (line.Contains("BackendGuide is ready:", StringComparison.Ordinal))
                {
                    system._run.Mute();
                    return system;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await system.DisposeAsync();
        }
        throw new InvalidOperationException(
            $"The system did not become ready within {StartDeadline}. It said:\n{string.Join('\n', system._output)}"
        );
    }

    /// <summary>Sends JSON with the editor token that the system wrote.</summary>
    public async Task<HttpResponseMessage> SendAsEditorAsync(
        HttpMethod method,
        string path,
        object? body,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        return await SendAsEditorAsync(request, cancellationToken);
    }

    /// <summary>Sends a request with the editor token that the system wrote.</summary>
    public async Task<HttpResponseMessage> SendAsEditorAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await ReadEditorTokenAsync(cancellationToken));
        return await Client.SendAsync(request, cancellationToken);
    }

    /// <summary>The token with all scopes that the system wrote at its start.</summary>
    public async Task<string> ReadEditorTokenAsync(CancellationToken cancellationToken)
    {
        var token = await File.ReadAllTextAsync(Path.Combine(DataFolder, "editor-token"), cancellationToken);
        return token.Trim();
    }

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        await Client.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    /// <summary>Its processes and servers, as it lists them now.</summary>
    public Task<IReadOnlyList<ListedResource>> ReadResourcesAsync(CancellationToken cancellationToken) =>
        ListedResource.ReadAsync(DataFolder, cancellationToken);

    /// <summary>Asks it to stop as a service manager does (SIGTERM) and gives its exit code.</summary>
    public Task<int> StopAsync() => _run.StopAsync(StopDeadline);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Client.Dispose();
        _run.Dispose();
    }
}
