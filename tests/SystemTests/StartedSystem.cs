using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;
using BackendGuide.Testing;

namespace BackendGuide.SystemTests;

/// <summary>The whole system, started as a user starts it: <c>dotnet run --project src/AppHost</c>, with a data folder of its own.</summary>
internal sealed class StartedSystem : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(60);

    private readonly Process _run;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _output = [];

    private StartedSystem(string dataFolder, IReadOnlyDictionary<string, string>? environment)
    {
        DataFolder = dataFolder;
        Port = FreePort();
        Client = new HttpClient { BaseAddress = new Uri($"http://localhost:{Port}") };
        _run = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet")
            {
                ArgumentList =
                {
                    "run",
                    "--no-build",
                    "--configuration",
                    Configuration,
                    "--project",
                    Path.Combine(Repository, "src", "AppHost"),
                },
                Environment =
                {
                    ["BACKENDGUIDE_DATA"] = dataFolder,
                    ["Gateway__Port"] = Port.ToString(null, null),
                    ["BACKENDGUIDE_ENGINE"] = "native",
                },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            _run.StartInfo.Environment[name] = value;
        }
        _run.OutputDataReceived += (_, line) => Take(line.Data);
        _run.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    public string DataFolder { get; }

    public int Port { get; }

    public HttpClient Client { get; }

    /// <summary>All that it printed until it was ready.</summary>
    public IReadOnlyList<string> Output => _output;

    private static string Repository { get; } = FindRepository();

    private static string Configuration { get; } =
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}") ? "Release" : "Debug";

    /// <summary>Starts it, with more in its environment where given, and waits for its word that it is ready.</summary>
    public static async Task<StartedSystem> StartAsync(
        string dataFolder,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var system = new StartedSystem(dataFolder, environment);
        system._run.Start();
        system._run.BeginOutputReadLine();
        system._run.BeginErrorReadLine();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartDeadline);
        try
        {
            await foreach (var line in system._lines.Reader.ReadAllAsync(deadline.Token))
            {
                system._output.Add(line);
                if (line.Contains("BackendGuide is ready:", StringComparison.Ordinal))
                {
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
        var token = await File.ReadAllTextAsync(Path.Combine(DataFolder, "editor-token"), cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        return await Client.SendAsync(request, cancellationToken);
    }

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        await Client.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    /// <summary>The ids of its processes, as it lists them.</summary>
    public async Task<IReadOnlyList<int>> ReadProcessIdsAsync(CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(Path.Combine(DataFolder, "resources.json"));
        var listed = await JsonSerializer.DeserializeAsync<JsonElement>(file, cancellationToken: cancellationToken);
        return [.. listed.GetProperty("resources").EnumerateArray().Select(resource => resource.GetProperty("pid").GetInt32())];
    }

    /// <summary>Asks it to stop as a service manager does (SIGTERM) and gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_run.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _run.Id.ToString(null, null)]);
            await kill.WaitForExitAsync(CancellationToken.None);
        }
        using var deadline = new CancellationTokenSource(StopDeadline);
        await _run.WaitForExitAsync(deadline.Token);
        return _run.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Client.Dispose();
        _run.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "BackendGuide.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("BackendGuide.sln is in no folder above the tests.");
        }
        return folder.FullName;
    }

    private void Take(string? line)
    {
        if (line is not null)
        {
            _lines.Writer.TryWrite(line);
        }
    }
}
