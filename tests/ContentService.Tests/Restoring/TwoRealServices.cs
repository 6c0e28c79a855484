extern alias career;

using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using BackendGuide.Testing.OpenApi;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;

namespace BackendGuide.ContentService.Tests.Restoring;

/// <summary>The content and the career service, each the other's source, on one broker and one Redis. Each can be stopped and started again.</summary>
internal sealed class TwoRealServices : IAsyncDisposable
{
    private readonly LocalIssuer _issuer = new();
    private readonly int _contentPort = FreePorts.Take();
    private readonly int _careerPort = FreePorts.Take();
    private readonly Dictionary<string, string?> _settings;
    private Running<Program>? _content;
    private Running<career::Program>? _career;

    private TwoRealServices(string contentDatabase, string careerDatabase, string broker, ServersFixture servers)
    {
        ContentDatabase = contentDatabase;
        _settings = new Dictionary<string, string?>(_issuer.Settings)
        {
            ["ConnectionStrings:content-db"] = contentDatabase,
            ["ConnectionStrings:career-db"] = careerDatabase,
            ["ConnectionStrings:messaging"] = broker,
            ["ConnectionStrings:cache"] = servers.RedisConnectionString,
            ["ReadCache:KeyPrefix"] = servers.CreateKeyPrefix(),
            [InternalAccess.TokenSetting] = _issuer.Token("", audience: InternalAccess.Audience),
            ["services:content:http:0"] = Address(_contentPort).ToString(),
            ["services:career:http:0"] = Address(_careerPort).ToString(),
        };
        Content = Client(_contentPort);
        Career = Client(_careerPort);
    }

    public string ContentDatabase { get; }

    /// <summary>Somebody who may do everything at the content service.</summary>
    public HttpClient Content { get; }

    /// <summary>The same at the career service.</summary>
    public HttpClient Career { get; }

    public static async Task<TwoRealServices> StartAsync(ServersFixture servers, CancellationToken cancellationToken)
    {
        var services = new TwoRealServices(
            await servers.CreateDatabaseAsync(cancellationToken),
            await servers.CreateDatabaseAsync(cancellationToken),
            await servers.CreateVirtualHostAsync(cancellationToken),
            servers
        );
        services.StartContent();
        services._career = new Running<career::Program>(services._settings, services._careerPort);
        return services;
    }

    public void StartContent() => _content = new Running<Program>(_settings, _contentPort);

    public async Task StopContentAsync()
    {
        await _content!.DisposeAsync();
        _content = null;
    }

    /// <summary>In how many rows a service's copy differs from what the other one has.</summary>
    public static async Task<long> CompareAsync(HttpClient service, CancellationToken cancellationToken)
    {
        using var answer = await service.PostAsync(new Uri("/internal/ops/compare", UriKind.Relative), null, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            return -1; // the other one is not there yet
        }
        var comparison = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return comparison[0].GetProperty("differingTotal").GetInt64();
    }

    public async ValueTask DisposeAsync()
    {
        Content.Dispose();
        Career.Dispose();
        if (_content is not null)
        {
            await _content.DisposeAsync();
        }
        if (_career is not null)
        {
            await _career.DisposeAsync();
        }
        _issuer.Dispose();
    }

    private HttpClient Client(int port)
    {
        var token = _issuer.Token($"{Scopes.ContentWrite} {Scopes.CareerWrite} {Scopes.Ops}");
        var client = DocumentedAnswers.CreateClient(Address(port));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static Uri Address(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    private sealed class Running<TProgram> : WebApplicationFactory<TProgram>
        where TProgram : class
    {
        private readonly IReadOnlyDictionary<string, string?> _settings;

        public Running(IReadOnlyDictionary<string, string?> settings, int port)
        {
            _settings = settings;
            UseKestrel(port);
            StartServer();
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Production");
            builder.ConfigureLogging(logging => logging.ClearProviders());
            foreach (var (name, value) in _settings)
            {
                builder.UseSetting(name, value);
            }
        }
    }
}
