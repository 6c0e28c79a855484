using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using BackendGuide.NativeHosting.Processes;
using BackendGuide.NativeHosting.Servers;
using Microsoft.Extensions.Http.Resilience;
using Npgsql;
using Polly;

namespace BackendGuide.Testing;

/// <summary>
/// The one place from which tests get servers. A whole `dotnet test` has one PostgreSQL, one RabbitMQ and one Redis, each fixture its
/// own database, virtual host and key prefix on them; at most two test modules run at once on a machine, for each has servers' and
/// services' worth of work.
/// </summary>
public sealed class TestServers : IAsyncDisposable
{
    private const int ModulesAtOnce = 2;

    /// <summary>Where the servers of this user's tests are.</summary>
    public static string Folder { get; } = Path.Combine(Path.GetTempPath(), $"backendguide-tests-{Environment.UserName}");

    private static readonly TimeSpan ModulePatience = TimeSpan.FromMinutes(30);
    private readonly ITestServerSet servers;
    private readonly IAsyncDisposable turn;
    private readonly HttpClient management;
    private readonly string moduleId = Guid.NewGuid().ToString("N");
    private int prefixes;

    private TestServers(ITestServerSet servers, IAsyncDisposable turn)
    {
        this.servers = servers;
        this.turn = turn;
        var user = new Uri(servers.RabbitMqConnectionString).UserInfo;
        management = new HttpClient(PatientHandler()) { BaseAddress = servers.RabbitMqManagementUrl };
        management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes(user))
        );
    }

    /// <summary>StackExchange.Redis's connection string. Tests share the keys: prefix them with <see cref="CreateKeyPrefix"/>.</summary>
    public string RedisConnectionString => servers.RedisConnectionString;

    /// <summary>PostgreSQL's connection string without a database, as its superuser.</summary>
    public string PostgresConnectionString => servers.PostgresConnectionString;

    /// <summary>RabbitMQ's management API, whose user is that of the virtual hosts' connection strings.</summary>
    public Uri RabbitMqManagementUrl => servers.RabbitMqManagementUrl;

    /// <summary>Starts the servers or joins those that run, and waits for this module's turn.</summary>
    public static async Task<TestServers> AcquireAsync(CancellationToken cancellationToken)
    {
        // The turn comes second: a module that waits for it keeps the servers up for when it comes.
        var servers = await AcquireSetAsync(cancellationToken);
        try
        {
            return new TestServers(servers, await TakeTurnsAsync(1, cancellationToken));
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for this module's turn and takes no servers, for tests that start their own. Disposing it gives the turn away.</summary>
    public static Task<IAsyncDisposable> WaitForTurnAsync(CancellationToken cancellationToken) => TakeTurnsAsync(1, cancellationToken);

    /// <summary>
    /// Waits for every turn, for tests that put a whole system under load: what its clients feel is to come from a fault, and not from
    /// another module. Disposing it gives them away.
    /// </summary>
    public static Task<IAsyncDisposable> WaitForAllTurnsAsync(CancellationToken cancellationToken) =>
        TakeTurnsAsync(ModulesAtOnce, cancellationToken);

    internal static async Task<ITestServerSet> AcquireSetAsync(CancellationToken cancellationToken) =>
        await TestServerChoice.MakeAsync(cancellationToken) switch
        {
            TestServerKind.Containers => await ContainerServerSet.AcquireAsync(Folder, cancellationToken),
            _ => new NativeServerSet(await SharedServers.AcquireAsync(Folder, cancellationToken)),
        };

    private static async Task<IAsyncDisposable> TakeTurnsAsync(int count, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        var all = Enumerable.Range(0, ModulesAtOnce).Select(turn => Path.Combine(Folder, $"turn-{turn}")).ToArray();
        // Who waits for more than one keeps the others back meanwhile: it would never see all of them free.
        await using var next = await FileLock.TakeAsync(Path.Combine(Folder, "turn-next"), ModulePatience, cancellationToken);
        var turns = new Turns();
        try
        {
            while (turns.Count < count)
            {
                turns.Add(await FileLock.TakeOneAsync(all, ModulePatience, cancellationToken));
            }
            return turns;
        }
        catch
        {
            await turns.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection($"{servers.PostgresConnectionString};Database=postgres;Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync(cancellationToken);
        return $"{servers.PostgresConnectionString};Database={name}";
    }

    /// <summary>Creates an empty virtual host.</summary>
    /// <returns>Its amqp URI.</returns>
    public async Task<string> CreateVirtualHostAsync(CancellationToken cancellationToken)
    {
        var name = $"test-{Guid.NewGuid():N}";
        var user = new Uri(servers.RabbitMqConnectionString).UserInfo.Split(':')[0];
        await PutAsync($"api/vhosts/{name}", new { }, cancellationToken);
        await PutAsync(
            $"api/permissions/{name}/{user}",
            new
            {
                configure = ".*",
                write = ".*",
                read = ".*",
            },
            cancellationToken
        );
        return $"{servers.RabbitMqConnectionString}/{name}";
    }

    /// <summary>A prefix for Redis keys that no other fixture has.</summary>
    public string CreateKeyPrefix() =>
        string.Create(CultureInfo.InvariantCulture, $"test-{moduleId}-{Interlocked.Increment(ref prefixes)}:");

    /// <summary>Leaves the servers, which end when nobody is left, and gives the turn away.</summary>
    public async ValueTask DisposeAsync()
    {
        management.Dispose();
        await turn.DisposeAsync();
        await servers.DisposeAsync();
    }

    private async Task PutAsync<T>(string path, T body, CancellationToken cancellationToken)
    {
        // Not chunked: the management API of RabbitMQ 3.10 reads a body only with its length.
        using var content = JsonContent.Create(body);
        await content.LoadIntoBufferAsync(cancellationToken);
        using var answer = await management.PutAsync(path, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    // The API ends a connection that was idle for a minute, and one whose request took five seconds to come, without an answer. No connection is kept
    // for that long, and what is asked here may be asked twice: a PUT of what is there already changes nothing.
    private static ResilienceHandler PatientHandler() =>
        new(
            new ResiliencePipelineBuilder<HttpResponseMessage>()
                .AddRetry(
                    new HttpRetryStrategyOptions
                    {
                        ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>(),
                        MaxRetryAttempts = 8,
                        BackoffType = DelayBackoffType.Constant,
                    }
                )
                .Build()
        )
        {
            InnerHandler = new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) },
        };

    private sealed class Turns : List<FileLock>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var turn in this)
            {
                await turn.DisposeAsync();
            }
        }
    }
}
