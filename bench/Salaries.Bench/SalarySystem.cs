using System.Net.Http.Headers;
using System.Text;
using BackendGuide.NativeHosting.Servers;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.Salaries.Bench;

/// <summary>Both services and a gateway on durable servers, and a career service beside them that keeps no answers.</summary>
internal sealed class SalarySystem : IAsyncDisposable
{
    // Nothing listens there.
    private const string NoRedis = "127.0.0.1:1,abortConnect=false";

    private readonly LocalIssuer _issuer = new();
    private readonly List<ServiceProcess> _started = [];

    public ServiceProcess Career { get; private set; } = null!;

    /// <summary>One that reads everything from PostgreSQL.</summary>
    public ServiceProcess Forgetful { get; private set; } = null!;

    /// <summary>Through the gateway, as somebody who may write careers.</summary>
    public HttpClient Editor { get; private set; } = null!;

    /// <summary>Through the gateway, as anybody.</summary>
    public HttpClient Reader { get; private set; } = null!;

    public NpgsqlDataSource Database { get; private set; } = null!;

    public static async Task<SalarySystem> StartAsync(NativeServers servers)
    {
        var system = new SalarySystem();
        try
        {
            await system.StartAllAsync(servers);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a career without any figure.</summary>
    public async Task PutCareerAsync(string slug)
    {
        using var body = new StringContent("""{"title":"Backend Developer"}""", Encoding.UTF8, "application/json");
        using var answer = await Editor.PutAsync(new Uri($"/api/v1/careers/{slug}", UriKind.Relative), body);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        Editor?.Dispose();
        Reader?.Dispose();
        foreach (var process in _started.AsEnumerable().Reverse())
        {
            await process.DisposeAsync();
        }
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }
        _issuer.Dispose();
    }

    private async Task StartAllAsync(NativeServers servers)
    {
        var careers = await servers.Postgres.EnsureDatabaseAsync("career", CancellationToken.None);
        Database = NpgsqlDataSource.Create($"{careers};Command Timeout=0");
        Dictionary<string, string?> settings = new(_issuer.Settings)
        {
            ["ConnectionStrings:content-db"] = await servers.Postgres.EnsureDatabaseAsync("content", CancellationToken.None),
            ["ConnectionStrings:career-db"] = careers,
            ["ConnectionStrings:messaging"] = servers.RabbitMq.ConnectionString,
            ["ConnectionStrings:cache"] = servers.Redis.ConnectionString,
            ["Internal:Token"] = _issuer.Token("", audience: InternalAccess.Audience),
        };
        var (content, career) = (FreePorts.Take(), FreePorts.Take());
        settings["services:content:http:0"] = $"http://127.0.0.1:{content}";
        settings["services:career:http:0"] = $"http://127.0.0.1:{career}";
        await StartAsync("ContentService", content, settings);
        Career = await StartAsync("CareerService", career, settings);
        Forgetful = await StartAsync(
            "CareerService",
            FreePorts.Take(),
            new Dictionary<string, string?>(settings) { ["ReadCache:MemoryMegabytes"] = "0", ["ConnectionStrings:cache"] = NoRedis }
        );
        var gateway = await StartAsync("Gateway", FreePorts.Take(), settings);
        Reader = new HttpClient { BaseAddress = gateway.Address };
        Editor = new HttpClient { BaseAddress = gateway.Address, Timeout = TimeSpan.FromHours(1) };
        Editor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _issuer.Token(Scopes.CareerWrite));
        await Eventually.TrueAsync(
            async () =>
                (await Reader.GetStringAsync(new Uri("/health", UriKind.Relative))).StartsWith(
                    """{"status":"Healthy""",
                    StringComparison.Ordinal
                ),
            TimeSpan.FromMinutes(2),
            "a healthy system",
            CancellationToken.None
        );
    }

    private async Task<ServiceProcess> StartAsync(string project, int port, IReadOnlyDictionary<string, string?> settings)
    {
        var started = await ServiceProcess.StartAsync(project, port, settings);
        _started.Add(started);
        return started;
    }
}
