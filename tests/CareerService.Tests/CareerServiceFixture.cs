using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;
using Npgsql;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(ServersFixture))]

namespace BackendGuide.CareerService.Tests;

/// <summary>A career service that runs on a database, a virtual host and a key prefix of its own, and the broker as others see it.</summary>
public sealed class CareerServiceFixture(ServersFixture servers) : IAsyncLifetime
{
    private readonly LocalIssuer _issuer = new();
    private string _database = "";
    private string _keys = null!;
    private string _broker = "";
    private int _slugs;

    internal CareerServiceHost Service { get; private set; } = null!;

    internal string BrokerAddress => _broker;

    internal Broker Broker { get; private set; } = null!;

    internal NpgsqlDataSource Database { get; private set; } = null!;

    /// <summary>Anybody.</summary>
    public HttpClient Reader { get; private set; } = null!;

    /// <summary>Somebody who may write careers.</summary>
    public HttpClient Editor { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync(CancellationToken.None);
        _broker = await CreateBrokerAsync(servers, CancellationToken.None);
        _keys = servers.CreateKeyPrefix();
        Database = NpgsqlDataSource.Create(_database);
        Broker = await Broker.ConnectAsync(_broker);
        Service = StartInstance();
        Reader = Service.CreateClient();
        Editor = CreateClient(Scopes.CareerWrite);
        await Eventually.TrueAsync(
            async () => (await Reader.GetStringAsync("/health")).StartsWith("""{"status":"Healthy""", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60),
            "The service is healthy, its queue bound",
            CancellationToken.None
        );
    }

    /// <summary>A broker of a service's own, where somebody takes its events.</summary>
    public static async Task<string> CreateBrokerAsync(ServersFixture servers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(servers);
        return await OtherServices.TakeEventsAsync(
            await servers.CreateVirtualHostAsync(cancellationToken),
            ["career", "salaries"],
            cancellationToken
        );
    }

    /// <summary>A database with the tables of a service that is over, filled by SQL.</summary>
    public async Task<NpgsqlDataSource> CreateFilledDatabaseAsync(string sql, CancellationToken cancellationToken)
    {
        var (database, broker) = (
            await servers.CreateDatabaseAsync(cancellationToken),
            await CreateBrokerAsync(servers, cancellationToken)
        );
        await using (StartInstance(database, broker)) { } // which makes the tables
        var filled = NpgsqlDataSource.Create(database);
        await using var fill = filled.CreateCommand(sql);
        fill.CommandTimeout = 120;
        await fill.ExecuteNonQueryAsync(cancellationToken);
        return filled;
    }

    /// <summary>The answers that the instances share in Redis, as they are there.</summary>
    public async Task<IReadOnlyList<string>> ReadSharedAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(servers.RedisConnectionString);
        List<string> answers = [];
        await foreach (var key in redis.GetServers()[0].KeysAsync(pattern: $"*{_keys}:career:*:answer:*"))
        {
            answers.Add(Encoding.UTF8.GetString((byte[]?)await redis.GetDatabase().HashGetAsync(key, "data") ?? []));
        }
        return answers;
    }

    /// <summary>A career that no other test writes.</summary>
    public string NewSlug() => $"career-{Interlocked.Increment(ref _slugs)}";

    /// <summary>The same behind the first page of the list, which tests of the cache read.</summary>
    public string NewLateSlug() => $"y-{NewSlug()}";

    public HttpClient CreateClient(string scope) => CreateClient(scope, Service);

    internal HttpClient CreateClient(string scope, CareerServiceHost instance, string subject = "alice")
    {
        var client = instance.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _issuer.Token(scope, subject));
        return client;
    }

    /// <summary>Starts one more instance on the same database and broker, or on others.</summary>
    internal CareerServiceHost StartInstance(string? database = null, string? broker = null, string? redis = null, int memoryMegabytes = 64)
    {
        var settings = new Dictionary<string, string?>(_issuer.Settings)
        {
            ["ConnectionStrings:career-db"] = database ?? _database,
            ["ConnectionStrings:messaging"] = broker ?? _broker,
            ["ConnectionStrings:cache"] = redis ?? servers.RedisConnectionString,
            ["ReadCache:KeyPrefix"] = _keys,
            ["ReadCache:MemoryMegabytes"] = memoryMegabytes.ToString(CultureInfo.InvariantCulture),
        };
        var host = new CareerServiceHost(settings);
        host.StartServer();
        return host;
    }

    /// <summary>Puts a career and answers with its body.</summary>
    public async Task<JsonElement> PutAsync(string slug, JsonNode body)
    {
        using var answer = await Editor.PutAsync($"/api/v1/careers/{slug}", Json.Content(body), TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return await Json.ReadAsync(answer);
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Broker.DisposeAsync();
        await Database.DisposeAsync();
        _issuer.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class CareerServiceCollection : ICollectionFixture<CareerServiceFixture>
{
    public const string Name = "A running career service";
}
