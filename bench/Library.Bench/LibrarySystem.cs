using BackendGuide.Gateway.Bench;
using BackendGuide.NativeHosting.Servers;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Library.Bench;

/// <summary>The system as it is run, each program in a process of its own on durable servers of its own, with its telemetry on.</summary>
internal sealed class LibrarySystem : IAsyncDisposable
{
    private readonly NativeServers _servers;
    private readonly Collector _collector;
    private readonly LocalIssuer _issuer = new();
    private readonly List<MeasuredProcess> _started = [];
    private readonly Dictionary<string, string?> _settings = [];

    private LibrarySystem(NativeServers servers, Collector collector) => (_servers, _collector) = (servers, collector);

    /// <summary>For whatever is needed besides.</summary>
    public required string Folder { get; init; }

    public MeasuredProcess Content { get; private set; } = null!;

    public MeasuredProcess Gateway { get; private set; } = null!;

    public NpgsqlDataSource Database { get; private set; } = null!;

    /// <summary>What an editor sends.</summary>
    public string Token => _issuer.Token("content:write");

    public static async Task<LibrarySystem> StartAsync(NativeServers servers, string folder)
    {
        var system = new LibrarySystem(servers, await Collector.StartAsync()) { Folder = folder };
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

    /// <summary>Another content service, with an empty database and a gateway to nobody.</summary>
    public async Task<MeasuredProcess> StartElsewhereAsync()
    {
        var elsewhere = new Dictionary<string, string?>
        {
            ["ConnectionStrings:content-db"] = await CreateDatabaseAsync(),
            ["ConnectionStrings:messaging"] = "amqp://guest:guest@127.0.0.1:1",
            ["ReadCache:KeyPrefix"] = "elsewhere:",
        };
        return await StartAsync("another content", "ContentService", elsewhere);
    }

    /// <summary>Another content service, which reads everything from PostgreSQL.</summary>
    /// <param name="database">Where it reads; null for where guides are imported.</param>
    public Task<MeasuredProcess> StartForgetfulAsync(string? database = null) =>
        StartAsync(
            "forgetful content",
            "ContentService",
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:content-db"] = database ?? _settings["ConnectionStrings:content-db"],
                ["ConnectionStrings:cache"] = "127.0.0.1:1", // where nobody is
                ["ReadCache:MemoryMegabytes"] = "0",
            }
        );

    /// <summary>Makes an empty database.</summary>
    /// <returns>How to connect to it.</returns>
    public Task<string> CreateDatabaseAsync() => _servers.Postgres.EnsureDatabaseAsync($"bench-{Guid.NewGuid():N}", CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started.AsEnumerable().Reverse())
        {
            await process.DisposeAsync();
        }
        if (Database is not null)
        {
            await Database.DisposeAsync();
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
        Database = NpgsqlDataSource.Create(_settings["ConnectionStrings:content-db"]!);
        Content = await StartAsync("content", "ContentService", []);
        _settings["services:content:http:0"] = Content.Address.AbsoluteUri.TrimEnd('/');
        var career = await StartAsync("career", "CareerService", []);
        _settings["services:career:http:0"] = career.Address.AbsoluteUri.TrimEnd('/');
        Gateway = await StartAsync("gateway", "Gateway", []);
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

    private async Task<MeasuredProcess> StartAsync(string name, string project, Dictionary<string, string?> settings)
    {
        var all = new Dictionary<string, string?>(_settings) { ["OTEL_SERVICE_NAME"] = project };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }
        var started = await MeasuredProcess.StartAsync(name, Checkout.AssemblyOf(project), all, []);
        _started.Add(started);
        return started;
    }
}
