using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.Testing;
using BackendGuide.Testing.OpenApi;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(ServersFixture))]

namespace BackendGuide.ContentService.Tests;

/// <summary>Tests of one running service, one after the other.</summary>
[CollectionDefinition(nameof(RunningContentService))]
public sealed class ContentServiceCollection : ICollectionFixture<RunningContentService>;

/// <summary>The content service on a database, a virtual host and keys of its own.</summary>
public sealed class RunningContentService(ServersFixture servers) : IAsyncLifetime
{
    private readonly LocalIssuer _issuer = new();
    private readonly List<(WebApplicationFactory<Program> Instance, string? Class, string? Test)> _started = [];
    private readonly Lock _starting = new(); // a test may start several at once
    private Dictionary<string, string?> _settings = [];

    public string Database => _settings["ConnectionStrings:content-db"]!;

    /// <summary>What the service runs with: for more instances of it.</summary>
    public IReadOnlyDictionary<string, string?> Settings => _settings;

    public string Broker => _settings["ConnectionStrings:messaging"]!;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>The token of a service.</summary>
    public string InternalToken => _issuer.Token("", audience: "internal");

    /// <summary>The career service as this one hears of it.</summary>
    internal CareerSource Careers { get; private set; } = null!;

    /// <summary>Every route that the service has.</summary>
    public IEnumerable<RouteEndpoint> Routes =>
        _started[0].Instance.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    public async ValueTask InitializeAsync()
    {
        _settings = await CreateSettingsAsync();
        Client = Start(_settings);
        Careers = new CareerSource(Broker);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var (instance, _, _) in _started)
        {
            instance.Dispose();
        }
        _issuer.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Settings of another service, with nothing in common with this one.</summary>
    public async Task<Dictionary<string, string?>> CreateSettingsAsync() =>
        new(_issuer.Settings)
        {
            ["ConnectionStrings:content-db"] = await servers.CreateDatabaseAsync(TestContext.Current.CancellationToken),
            ["ConnectionStrings:messaging"] = await OtherServices.TakeEventsAsync(
                await servers.CreateVirtualHostAsync(TestContext.Current.CancellationToken),
                ["guide", "technology"],
                TestContext.Current.CancellationToken
            ),
            ["ConnectionStrings:cache"] = servers.RedisConnectionString,
            ["ReadCache:KeyPrefix"] = servers.CreateKeyPrefix(),
        };

    /// <summary>Starts an instance: in memory, or as a real server, whose clients can hang up.</summary>
    public HttpClient Start(IReadOnlyDictionary<string, string?> settings, TimeProvider? time = null, bool asServer = false) =>
        ClientOf(StartInstance(settings, time, asServer));

    /// <summary>A client of an instance, whose answers are held to the API's document.</summary>
    internal static HttpClient ClientOf(WebApplicationFactory<Program> instance)
    {
        var client = instance.CreateDefaultClient(new DocumentedAnswers());
        if (instance.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>() is { } server)
        {
            client.BaseAddress = new Uri(server.Addresses.Single());
        }
        return client;
    }

    /// <summary>Starts an instance whose parts a test looks into.</summary>
    public WebApplicationFactory<Program> StartInstance(
        IReadOnlyDictionary<string, string?> settings,
        TimeProvider? time = null,
        bool asServer = false
    )
    {
        var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment("Production");
            host.UseUrls("http://127.0.0.1:0"); // for a real server: of which there may be several
            host.ConfigureLogging(logging => logging.ClearProviders());
            foreach (var (key, value) in settings)
            {
                host.UseSetting(key, value);
            }
            if (time is not null)
            {
                host.ConfigureTestServices(services => services.AddSingleton(time));
            }
        });
        if (asServer)
        {
            factory.UseKestrel(port: 0);
        }
        lock (_starting)
        {
            EndThoseOfBefore();
            _started.Add((factory, TestContext.Current.TestClass?.UniqueID, TestContext.Current.Test?.UniqueID));
        }
        return factory;
    }

    // An instance looks for work several times a second as long as it lives. One test runs at a time: those of tests and classes that are over are nobody's.
    private void EndThoseOfBefore()
    {
        var (testClass, test) = (TestContext.Current.TestClass?.UniqueID, TestContext.Current.Test?.UniqueID);
        foreach (var started in _started.Where(IsOver).ToList())
        {
            _started.Remove(started);
            started.Instance.Dispose();
        }

        bool IsOver((WebApplicationFactory<Program>, string? Class, string? Test) one) =>
            one.Class is not null && (one.Class != testClass || (one.Test is not null && one.Test != test));
    }

    /// <summary>Sends JSON as somebody with the scope, or as nobody.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, object? body = null, string? scope = "content:write")
    {
        using var request = Request(method, path, body, scope);
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>A request with JSON from somebody with the scope, or from nobody.</summary>
    public HttpRequestMessage Request(
        string method,
        string path,
        object? body = null,
        string? scope = "content:write",
        string subject = "alice",
        TimeProvider? time = null
    )
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content =
                body is string raw ? new StringContent(raw, new MediaTypeHeaderValue("application/json", "utf-8"))
                : body is not null ? JsonContent.Create(body)
                : null,
        };
        if (scope is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _issuer.Token(scope, subject, time));
        }
        return request;
    }

    public Task<JsonElement> GetAsync(string path) => Client.GetFromJsonAsync<JsonElement>(path, TestContext.Current.CancellationToken);

    /// <summary>A guide's body with one section that has the blocks.</summary>
    public static object GuideWith(string title, params object[] blocks) =>
        new { title, sections = new[] { new { heading = "Part", blocks } } };
}
