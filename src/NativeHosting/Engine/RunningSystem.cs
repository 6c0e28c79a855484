using Aspire.Hosting.ApplicationModel;
using BackendGuide.NativeHosting.Processes;
using BackendGuide.NativeHosting.Servers;
using Npgsql;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>The application's parts as processes: started as their waits allow, stopped the other way round.</summary>
internal sealed class RunningSystem
{
    private readonly List<Stage> stages;
    private readonly EngineConsole console;

    private RunningSystem(List<Stage> stages, EngineConsole console)
    {
        this.stages = stages;
        this.console = console;
    }

    public IReadOnlyList<ISupervised> Parts => [.. stages.SelectMany(stage => stage.Parts)];

    /// <summary>What is not healthy yet though nothing that it waits for keeps it from that.</summary>
    public IReadOnlyList<string> WaitedFor
    {
        get
        {
            var unready = stages.Where(stage => !stage.IsHealthy).ToList();
            return
            [
                .. unready
                    .Where(stage => !stage.WaitsFor.Intersect(unready.Select(other => other.Resource)).Any())
                    .Select(stage => stage.Resource.Name),
            ];
        }
    }

    /// <summary>The address that users are told.</summary>
    public string FrontDoor => stages.First(stage => stage.Resource is ProjectResource { IsExternal: true }).Parts[0].Urls[0];

    public static RunningSystem Build(IReadOnlyList<IResource> resources, NativeFolders folders, Watchdog watchdog, EngineConsole console)
    {
        var ports = new PortBook(Path.Combine(Folders.Private(folders.Native), "ports.json"));
        var servers = new Dictionary<IResource, NativeServer>();
        foreach (var resource in resources)
        {
            if (ServerFor(resource, folders, watchdog, ports, console) is { } server)
            {
                servers.Add(resource, server);
            }
        }

        var plan = new ServicePlan(ports, resource => servers[resource]);
        var stages = new List<Stage>();
        foreach (var resource in resources)
        {
            if (servers.TryGetValue(resource, out var server))
            {
                stages.Add(new Stage(resource, [server]));
            }
            else if (resource is ProjectResource project)
            {
                stages.Add(
                    new Stage(
                        resource,
                        [.. plan.Describe(project).Select(one => new ServiceInstance(one, folders.LogOf(one.Name), watchdog, console))]
                    )
                );
            }
        }
        return new RunningSystem(stages, console);
    }

    /// <summary>Starts everything as soon as what it waits for is healthy. The first failure ends the others' start.</summary>
    public async Task StartAsync(Action changed, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var starts = new Dictionary<IResource, Task>();
        foreach (var stage in stages)
        {
            var before = stage.WaitsFor.Where(starts.ContainsKey).Select(resource => starts[resource]).Distinct().ToArray();
            starts[stage.Resource] = StartAsync(stage, before, changed, failed);
        }
        try
        {
            await Task.WhenAll(starts.Values);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The cancellation is the consequence; its cause is what the user is told.
            var cause = starts.Values.First(start => start.IsFaulted).Exception!.InnerException!;
            throw new NativeHostingException(cause.Message, cause);
        }
    }

    public Task SuperviseAsync(Action changed, CancellationToken stopping) =>
        Task.WhenAll(Parts.Select(part => SuperviseAsync(new Supervisor(part, console, changed), stopping)));

    /// <summary>Stops whatever runs: who was started last goes first. Each has its own limit, and the longest way takes under 10 s.</summary>
    public async Task StopAsync()
    {
        var standing = stages.ToList();
        while (standing.Count > 0)
        {
            var needed = standing.SelectMany(stage => stage.WaitsFor).ToHashSet();
            var free = standing.Where(stage => !needed.Contains(stage.Resource)).ToList();
            await Task.WhenAll(free.SelectMany(stage => stage.Parts).Select(EndAsync));
            standing.RemoveAll(free.Contains);
        }
    }

    private static async Task EndAsync(ISupervised part)
    {
        await part.StopAsync();
        await part.DisposeAsync();
    }

    private static NativeServer? ServerFor(
        IResource resource,
        NativeFolders folders,
        Watchdog watchdog,
        PortBook ports,
        EngineConsole console
    )
    {
        NativeServerOptions With(string password) =>
            new()
            {
                Name = resource.Name,
                DataFolder = Path.Combine(folders.Native, resource.Name),
                LogFile = folders.LogOf(resource.Name),
                Password = password,
                Say = console.Line,
            };
        return resource switch
        {
            PostgresServerResource postgres => new PostgresServer(With(postgres.PasswordParameter.Value), watchdog, ports),
            RabbitMQServerResource broker => new RabbitMqServer(With(broker.PasswordParameter.Value), watchdog, ports),
            RedisResource redis => new RedisServer(With(redis.PasswordParameter!.Value), watchdog, ports),
            _ => null,
        };
    }

    private static async Task SuperviseAsync(Supervisor supervisor, CancellationToken stopping)
    {
        try
        {
            await supervisor.RunAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // This is how supervision ends: the stop that follows needs every supervisor to have let go.
            return;
        }
    }

    private async Task StartAsync(Stage stage, Task[] before, Action changed, CancellationTokenSource failed)
    {
        try
        {
            await Task.WhenAll(before).WaitAsync(failed.Token);
            await Task.WhenAll(stage.Parts.Select(part => part.StartAsync(changed, failed.Token)));
            if (stage is { Resource: PostgresServerResource server, Parts: [PostgresServer postgres] })
            {
                await CreateDatabasesAsync(postgres, server, failed.Token);
            }
            stage.IsHealthy = true;
            console.Line($"{stage.Resource.Name} is healthy.");
            changed();
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
    }

    private static async Task CreateDatabasesAsync(
        PostgresServer postgres,
        PostgresServerResource server,
        CancellationToken cancellationToken
    )
    {
        try
        {
            foreach (var database in server.Databases)
            {
                await postgres.EnsureDatabaseAsync(database.DatabaseName, cancellationToken);
            }
        }
        catch (NpgsqlException fault)
        {
            throw new NativeHostingException($"PostgreSQL could not create its databases: {fault.Message}", fault);
        }
    }

    private sealed record Stage(IResource Resource, IReadOnlyList<ISupervised> Parts)
    {
        public bool IsHealthy { get; set; }

        /// <summary>A database is there when its server is.</summary>
        public IEnumerable<IResource> WaitsFor =>
            ((Resource)Resource).WaitsFor.Select(dependency =>
                dependency is PostgresDatabaseResource database ? database.Parent : dependency
            );
    }
}
