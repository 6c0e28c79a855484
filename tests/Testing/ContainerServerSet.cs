using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using BackendGuide.NativeHosting.Processes;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;
using Testcontainers.Redis;

namespace BackendGuide.Testing;

/// <summary>
/// The servers in containers. The first module starts them and the last one removes them; who uses them is known by a shared lock on one
/// file, which the system itself takes from a process that dies.
/// </summary>
internal sealed class ContainerServerSet : ITestServerSet
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _folder;
    private readonly FileStream _membership;
    private readonly State _state;

    private ContainerServerSet(string folder, FileStream membership, State state)
    {
        _folder = folder;
        _membership = membership;
        _state = state;
    }

    public string PostgresConnectionString => _state.Postgres;

    public string RabbitMqConnectionString => _state.RabbitMq;

    public Uri RabbitMqManagementUrl => new(_state.Management);

    public string RedisConnectionString => _state.Redis;

    /// <summary>Joins the set that runs, or starts one.</summary>
    /// <exception cref="InvalidOperationException">A container could not be had; the message says what to do.</exception>
    public static async Task<ContainerServerSet> AcquireAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await using var door = await FileLock.TakeAsync(Path.Combine(folder, "lock"), Patience, cancellationToken);
        var state = await ReadStateAsync(folder, cancellationToken);
        if (state is not null && IsUnused(folder))
        {
            await RemoveAsync(folder, state); // its users died without a word
            state = null;
        }
        state ??= await StartAsync(folder, cancellationToken);
        return new ContainerServerSet(folder, Join(folder), state);
    }

    public async ValueTask DisposeAsync()
    {
        await using var door = await FileLock.TakeAsync(Path.Combine(_folder, "lock"), Patience, CancellationToken.None);
        await _membership.DisposeAsync();
        if (IsUnused(_folder))
        {
            await RemoveAsync(_folder, _state);
        }
    }

    private static async Task<State> StartAsync(string folder, CancellationToken cancellationToken)
    {
        // Not cleaned up by Testcontainers: its reaper ends what a process started when that process ends, and others may still be at it.
        var postgres = new PostgreSqlBuilder(Image("POSTGRES", "postgres:17"))
            .WithCommand("-c", "fsync=off", "-c", "max_connections=300")
            .WithCleanUp(false)
            .Build();
        var rabbitMq = new RabbitMqBuilder(Image("RABBITMQ", "rabbitmq:4-management"))
            .WithPortBinding(15672, true)
            .WithCleanUp(false)
            .Build();
        var redis = new RedisBuilder(Image("REDIS", "redis:8")).WithCleanUp(false).Build();
        IContainer[] all = [postgres, rabbitMq, redis];
        try
        {
            await Task.WhenAll(all.Select(container => container.StartAsync(cancellationToken)));
            // The official image has it switched on; one without is made to.
            await rabbitMq.ExecAsync(["rabbitmq-plugins", "enable", "rabbitmq_management"], cancellationToken);
            var broker = rabbitMq.GetConnectionString().TrimEnd('/');
            var state = new State(
                [.. all.Select(container => container.Id)],
                WithoutDatabase(postgres.GetConnectionString()),
                broker,
                $"http://{rabbitMq.Hostname}:{rabbitMq.GetMappedPublicPort(15672)}/",
                redis.GetConnectionString()
            );
            await WaitForManagementAsync(state, cancellationToken);
            await File.WriteAllTextAsync(StateFile(folder), JsonSerializer.Serialize(state), cancellationToken);
            return state;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            foreach (var container in all)
            {
                await container.DisposeAsync();
            }
            throw new InvalidOperationException(
                $"The test servers could not be started in containers: {e.Message} See that the container engine runs and has the images, "
                    + $"or set {TestServerChoice.Variable}=native to run them as processes of this machine.",
                e
            );
        }
    }

    private static string Image(string server, string official) =>
        Environment.GetEnvironmentVariable($"BACKENDGUIDE_TEST_{server}_IMAGE") is { Length: > 0 } image ? image : official;

    private static string WithoutDatabase(string connectionString) =>
        string.Join(';', connectionString.Split(';').Where(part => !part.StartsWith("Database=", StringComparison.OrdinalIgnoreCase)));

    private static async Task WaitForManagementAsync(State state, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri(state.Management) };
        var user = new Uri(state.RabbitMq).UserInfo;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes(user))
        );
        async Task<bool> AnswersAsync()
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("api/vhosts", UriKind.Relative), cancellationToken);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
        await Eventually.TrueAsync(AnswersAsync, TimeSpan.FromMinutes(2), "RabbitMQ's management API answers", cancellationToken);
    }

    private static async Task<State?> ReadStateAsync(string folder, CancellationToken cancellationToken) =>
        File.Exists(StateFile(folder))
            ? JsonSerializer.Deserialize<State>(await File.ReadAllTextAsync(StateFile(folder), cancellationToken))
            : null;

    private static FileStream Join(string folder) => new(UsersFile(folder), FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);

    private static bool IsUnused(string folder)
    {
        try
        {
            using var all = new FileStream(UsersFile(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // Through the engine's own API: the containers may be another process's, whose objects this one does not have.
    private static async Task RemoveAsync(string folder, State state)
    {
        using var engine = TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder(Guid.NewGuid()).Build();
        foreach (var id in state.Containers)
        {
            try
            {
                await engine.Containers.RemoveContainerAsync(id, new() { Force = true, RemoveVolumes = true });
            }
            catch (Docker.DotNet.DockerContainerNotFoundException)
            {
                Debug.WriteLine($"Container {id} is gone already");
            }
        }
        File.Delete(StateFile(folder));
    }

    private static string StateFile(string folder) => Path.Combine(folder, "containers.json");

    private static string UsersFile(string folder) => Path.Combine(folder, "containers.users");

    private sealed record State(string[] Containers, string Postgres, string RabbitMq, string Management, string Redis);
}
