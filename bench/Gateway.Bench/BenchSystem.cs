using System.Net.Http.Headers;
using BackendGuide.NativeHosting.Servers;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Bench;

/// <summary>
/// The system as it is run, each program in a process of its own on durable servers of its own, with its telemetry on: what it exports goes to
/// <see cref="Collector"/>.
/// </summary>
internal sealed class BenchSystem : IAsyncDisposable
{
    private readonly NativeServers _servers;
    private readonly Collector _collector;
    private readonly LocalIssuer _issuer = new();
    private readonly List<MeasuredProcess> _started = [];
    private readonly Dictionary<string, string?> _settings = [];

    private BenchSystem(NativeServers servers, Collector collector) => (_servers, _collector) = (servers, collector);

    public required string Folder { get; init; }

    public MeasuredProcess Content { get; private set; } = null!;

    public MeasuredProcess Career { get; private set; } = null!;

    public MeasuredProcess Gateway { get; private set; } = null!;

    /// <summary>A second one before the same services.</summary>
    public MeasuredProcess OtherGateway { get; private set; } = null!;

    /// <summary>What an editor sends.</summary>
    public string Authorization => $"Bearer {_issuer.Token("content:write")}";

    /// <summary>All that is of the project.</summary>
    public IReadOnlyList<MeasuredProcess> Own => [Gateway, OtherGateway, Content, Career];

    /// <summary>The servers that it stands on.</summary>
    public IReadOnlyList<(string Name, int ProcessId)> Servers =>
        [("PostgreSQL", _servers.Postgres.ProcessId), ("RabbitMQ", _servers.RabbitMq.ProcessId), ("Redis", _servers.Redis.ProcessId)];

    public static async Task<BenchSystem> StartAsync(NativeServers servers, string folder)
    {
        var system = new BenchSystem(servers, await Collector.StartAsync()) { Folder = folder };
        try
        {
            await system.StartAsync();
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another instance of the content service, with settings of its own.</summary>
    public Task<MeasuredProcess> StartContentAsync(string name, IReadOnlyDictionary<string, string?> settings) =>
        StartAsync(name, "ContentService", settings);

    /// <summary>A gateway that keeps nothing: it hears of every change as the others do, and so it runs only while something is asked of it.</summary>
    public Task<MeasuredProcess> StartForgetfulGatewayAsync() =>
        StartAsync("gateway, cache off", "Gateway", new Dictionary<string, string?> { ["Gateway:Cache:MaxBytes"] = "0" });

    /// <summary>An empty database on the same server.</summary>
    public Task<string> CreateDatabaseAsync() => _servers.Postgres.EnsureDatabaseAsync($"bench-{Guid.NewGuid():N}", CancellationToken.None);

    /// <summary>A client of an editor.</summary>
    public HttpClient CreateEditor(MeasuredProcess gateway)
    {
        var client = new HttpClient { BaseAddress = gateway.Address };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(Authorization);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started.AsEnumerable().Reverse())
        {
            await process.DisposeAsync();
        }
        await _collector.DisposeAsync();
        _issuer.Dispose();
    }

    private async Task StartAsync()
    {
        foreach (var (key, value) in _issuer.Settings)
        {
            _settings[key] = value;
        }
        _settings["ConnectionStrings:content-db"] = await CreateDatabaseAsync();
        _settings["ConnectionStrings:career-db"] = await CreateDatabaseAsync();
        _settings["ConnectionStrings:messaging"] = _servers.RabbitMq.ConnectionString;
        _settings["ConnectionStrings:cache"] = _servers.Redis.ConnectionString;
        _settings["Internal:Token"] = _issuer.Token("", audience: InternalAccess.Audience);
        _settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Address;
        _settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        // Each reads the other's feed from the start on: one that has not heard of the other for half a minute is not healthy.
        var (content, career) = (FreePorts.Take(), FreePorts.Take());
        _settings["services:content:http:0"] = $"http://127.0.0.1:{content}";
        _settings["services:career:http:0"] = $"http://127.0.0.1:{career}";
        Content = await StartAsync("content", "ContentService", new Dictionary<string, string?>(), content);
        Career = await StartAsync("career", "CareerService", new Dictionary<string, string?>(), career);
        Gateway = await StartAsync("gateway", "Gateway", new Dictionary<string, string?>());
        OtherGateway = await StartAsync("another gateway", "Gateway", new Dictionary<string, string?>());
        using var client = new HttpClient { BaseAddress = Gateway.Address };
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync(new Uri("/health", UriKind.Relative));
                return (await answer.Content.ReadAsStringAsync()).StartsWith("""{"status":"Healthy""", StringComparison.Ordinal);
            },
            TimeSpan.FromMinutes(2),
            "a healthy system",
            CancellationToken.None
        );
    }

    private async Task<MeasuredProcess> StartAsync(
        string name,
        string project,
        IReadOnlyDictionary<string, string?> settings,
        int? port = null
    )
    {
        var all = new Dictionary<string, string?>(_settings) { ["OTEL_SERVICE_NAME"] = project };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }
        var assembly = Checkout.AssemblyOf(project);
        var started = await MeasuredProcess.StartAsync(name, assembly, all, [], taken: port);
        _started.Add(started);
        return started;
    }
}
