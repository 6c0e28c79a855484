using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.FaultTests.Rig;

/// <summary>The real system with two instances of each service, its databases as the checker sees them, and the probe on its bus.</summary>
internal sealed class TestedSystem : IAsyncDisposable
{
    private static readonly TimeSpan SettleDeadline = TimeSpan.FromSeconds(120);

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Replicas__content"] = "2",
        ["Replicas__career"] = "2",
        // The load comes from one address and one editor: it is to meet faults, not limits.
        ["RateLimit__Anonymous"] = "0",
        ["RateLimit__Subject"] = "0",
        // That changes are seen late under a load and faults is no news, and would keep the system Degraded for minutes.
        ["Gateway__Freshness__Bound"] = "00:01:00",
    };

    private readonly StartedSystem _system;
    private readonly SystemDatabases _databases;

    private TestedSystem(
        StartedSystem system,
        SystemDatabases databases,
        Broker broker,
        EventProbe probe,
        AnnouncementProbe announcements,
        string token
    )
    {
        _system = system;
        _databases = databases;
        Broker = broker;
        Probe = probe;
        Announcements = announcements;
        Token = token;
    }

    public Uri Gateway => _system.Client.BaseAddress!;

    /// <summary>An editor's token with all scopes.</summary>
    public string Token { get; }

    public EventProbe Probe { get; }

    public AnnouncementProbe Announcements { get; }

    public Broker Broker { get; }

    public SystemDatabases Databases => _databases;

    /// <summary>Of the system's own gateway; it has no patience of its own.</summary>
    public HttpClient Client => _system.Client;

    public IReadOnlyList<SourceDatabases> Sources => _databases.Sources;

    public static async Task<TestedSystem> StartAsync(string dataFolder, CancellationToken cancellationToken)
    {
        var system = await StartedSystem.StartAsync(dataFolder, cancellationToken, Settings);
        try
        {
            var resources = await system.ReadResourcesAsync(cancellationToken);
            var databases = new SystemDatabases(resources);
            foreach (var source in databases.Sources)
            {
                await source.InstallEffectLogAsync(cancellationToken);
            }
            var broker = resources.Single(resource => resource.Kind == "rabbitmq");
            var probe = await EventProbe.StartAsync(broker.ConnectionString!, cancellationToken);
            var announcements = await AnnouncementProbe.StartAsync(broker.ConnectionString!, cancellationToken);
            var token = await system.ReadEditorTokenAsync(cancellationToken);
            return new TestedSystem(system, databases, new Broker(broker), probe, announcements, token);
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    public Task<IReadOnlyList<ListedResource>> ReadResourcesAsync(CancellationToken cancellationToken) =>
        _system.ReadResourcesAsync(cancellationToken);

    /// <summary>Returns when every process that is listed runs and all of them say that they are healthy.</summary>
    /// <param name="gone">A process that was killed, and may still be listed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitUntilSettledAsync(int? gone, CancellationToken cancellationToken) =>
        Eventually.TrueAsync(
            async () =>
            {
                var resources = await ReadResourcesAsync(cancellationToken);
                return resources.All(resource => resource.Pid != gone && Signals.IsAlive(resource.Pid))
                    && await IsHealthyAsync(cancellationToken);
            },
            SettleDeadline,
            "all processes running and healthy",
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await Announcements.DisposeAsync();
        await Probe.DisposeAsync();
        Broker.Dispose();
        await _databases.DisposeAsync();
        await _system.DisposeAsync();
    }

    /// <summary>What the gateway says of the whole system's health; empty where it does not answer.</summary>
    public async Task<string> ReadHealthAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _system.Client.GetAsync("/health", cancellationToken);
            return await answer.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (HttpRequestException)
        {
            return ""; // not yet: the gateway itself may have been killed
        }
    }

    private async Task<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        (await ReadHealthAsync(cancellationToken)).StartsWith("""{"status":"Healthy""", StringComparison.Ordinal);
}
