extern alias career;
extern alias content;
extern alias gateway;

using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using BackendGuide.Testing.OpenApi;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(ServersFixture))]

namespace BackendGuide.OpenApi.Tests.Fuzzing;

/// <summary>The gateway and both services, on servers, databases and a virtual host of their own, with the seed and some more.</summary>
public sealed class WholeSystem(ServersFixture servers) : IAsyncLifetime
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(2);

    private readonly LocalIssuer _issuer = new();
    private readonly List<IAsyncDisposable> _running = [];

    /// <summary>A client of the gateway, each of whose answers is held to the document.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>The gateway's address.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>A token with the scopes.</summary>
    public string Token(string scopes) => _issuer.Token(scopes);

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        var (contentPort, careerPort, gatewayPort) = (FreePorts.Take(), FreePorts.Take(), FreePorts.Take());
        var settings = new Dictionary<string, string?>(_issuer.Settings)
        {
            ["ConnectionStrings:content-db"] = await servers.CreateDatabaseAsync(token),
            ["ConnectionStrings:career-db"] = await servers.CreateDatabaseAsync(token),
            ["ConnectionStrings:messaging"] = await OtherServices.TakeEventsAsync(
                await servers.CreateVirtualHostAsync(token),
                ["salaries"],
                token
            ),
            ["ConnectionStrings:cache"] = servers.RedisConnectionString,
            ["ReadCache:KeyPrefix"] = servers.CreateKeyPrefix(),
            [InternalAccess.TokenSetting] = _issuer.Token("", audience: InternalAccess.Audience),
            ["services:content:http:0"] = At(contentPort).ToString(),
            ["services:career:http:0"] = At(careerPort).ToString(),
        };
        _running.Add(new Running<content::Program>(settings, contentPort));
        _running.Add(new Running<career::Program>(settings, careerPort));
        _running.Add(new Running<gateway::Program>(settings, gatewayPort));
        Address = At(gatewayPort);
        Client = new HttpClient(new DocumentedAnswers { InnerHandler = AnyHeaders() }) { BaseAddress = Address };
        await HealthyAsync(token);
        await FillAsync(token);
    }

    /// <summary>Waits until all parts work.</summary>
    /// <exception cref="TimeoutException">They do not: the message has what the gateway last said of them.</exception>
    public Task HealthyAsync(CancellationToken cancellationToken) =>
        Eventually.EqualAsync(
            "Healthy",
            async () =>
            {
                using var answer = await Client.GetAsync("/health", cancellationToken);
                var health = await answer.Content.ReadAsStringAsync(cancellationToken);
                return health.StartsWith("""{"status":"Healthy""", StringComparison.Ordinal) ? "Healthy" : health;
            },
            s_deadline,
            "the whole system is healthy",
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        for (var i = _running.Count - 1; i >= 0; i--)
        {
            await _running[i].DisposeAsync();
        }
        _issuer.Dispose();
    }

    /// <summary>Makes what an operation needs to be accepted at all, whatever became of it meanwhile.</summary>
    public async Task PrepareAsync(ApiOperation operation, CancellationToken cancellationToken)
    {
        if (operation.Id is "translateProgress" or "uploadSalaryObservations")
        {
            await SaveCareersAsync(cancellationToken);
        }
        if (operation.Id is not ("publishGuide" or "cancelPublication"))
        {
            return;
        }
        foreach (var slug in Slugs.Own)
        {
            await SaveGuideAsync(slug, slug, cancellationToken);
            if (operation.Id == "cancelPublication")
            {
                await SendAsync(HttpMethod.Post, $"/api/v1/guides/{slug}/publish", new { at = "2036-01-01T00:00:00Z" }, cancellationToken);
            }
        }
    }

    // What requests can name besides the seed: some of it is there, some is withdrawn, some is only a draft.
    private async Task FillAsync(CancellationToken cancellationToken)
    {
        foreach (var slug in Slugs.Own)
        {
            await SendAsync(HttpMethod.Put, $"/api/v1/technologies/{slug}", new { name = slug, category = "Fuzz" }, cancellationToken);
            await SaveGuideAsync(slug, "Before", cancellationToken);
            await SaveGuideAsync(slug, slug, cancellationToken);
        }
        await SaveCareersAsync(cancellationToken);
        await SendAsync(HttpMethod.Post, $"/api/v1/careers/{Slugs.Career}/salary-observations", Observations(), cancellationToken);
        await SendAsync(HttpMethod.Post, $"/api/v1/guides/{Slugs.Own[0]}/publish", null, cancellationToken);
        await SendAsync(HttpMethod.Post, $"/api/v1/guides/{Slugs.Own[1]}/publish", null, cancellationToken);
        await SendAsync(HttpMethod.Delete, $"/api/v1/guides/{Slugs.Own[1]}", null, cancellationToken);
        await SendAsync(HttpMethod.Delete, $"/api/v1/technologies/{Slugs.Own[1]}", null, cancellationToken);
    }

    private async Task SaveCareersAsync(CancellationToken cancellationToken)
    {
        foreach (var slug in Slugs.Own)
        {
            await SendAsync(HttpMethod.Put, $"/api/v1/careers/{slug}", new { title = slug }, cancellationToken);
        }
    }

    // Enough of each group for its figures to be told.
    private static object[] Observations() =>
        [
            .. from @group in Slugs.ComparedGroups
            let parts = @group.Split(':')
            from amount in Enumerable.Range(1, 9)
            select new
            {
                id = $"{@group} {amount}",
                level = parts[1],
                region = parts[2],
                currency = parts[3],
                year = int.Parse(parts[4], CultureInfo.InvariantCulture),
                amount = amount * 10_000,
                source = "Fuzz",
            },
        ];

    private Task SaveGuideAsync(string slug, string title, CancellationToken cancellationToken)
    {
        var block = new { kind = "technologies", categories = new[] { new { name = "All", technologies = new[] { "python" } } } };
        var section = new { heading = "One", blocks = new[] { block } };
        return SendAsync(HttpMethod.Put, $"/api/v1/guides/{slug}", new { title, sections = new[] { section } }, cancellationToken);
    }

    // What is asked for here is no test: where a machine with much else to do is told to come again, it does.
    private Task SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        Eventually.TrueAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
                request.Headers.Authorization = new AuthenticationHeaderValue(
                    "Bearer",
                    Token($"{Scopes.ContentWrite} {Scopes.CareerWrite}")
                );
                using var answer = await Client.SendAsync(request, cancellationToken);
                return answer.StatusCode != HttpStatusCode.ServiceUnavailable && answer.EnsureSuccessStatusCode().IsSuccessStatusCode;
            },
            s_deadline,
            $"an answer to {method} {path}",
            cancellationToken
        );

    // As they are written: what a client library would refuse is tried too.
    private static SocketsHttpHandler AnyHeaders() =>
        new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        };

    private static Uri At(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

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
