using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.FaultTests.Following;

/// <summary>The real system with two of everything that has state in its memory: services and gateways.</summary>
public sealed class FollowedSystem : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Who follows the feed has no time limit to keep: while a machine that has much else to do begins, a page may take its time.
    private static readonly TimeSpan PatienceOfFollowers = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("backendguide-followed-");
    private IAsyncDisposable? _turn;
    private StartedSystem? _system;
    private string _token = "";

    /// <summary>A client for each gateway.</summary>
    public IReadOnlyList<HttpClient> Gateways { get; private set; } = [];

    /// <summary>A client for each gateway, of who follows the feed there.</summary>
    public IReadOnlyList<HttpClient> Followers { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        _turn = await TestServers.WaitForAllTurnsAsync(TestContext.Current.CancellationToken);
        var settings = new Dictionary<string, string>
        {
            ["Replicas__content"] = "2",
            ["Replicas__career"] = "2",
            ["Replicas__gateway"] = "2",
            ["RateLimit__Anonymous"] = "0",
            ["RateLimit__Subject"] = "0",
        };
        _system = await StartedSystem.StartAsync(Path.Combine(_home.FullName, "data"), TestContext.Current.CancellationToken, settings);
        _token = await _system.ReadEditorTokenAsync(TestContext.Current.CancellationToken);
        Gateways = CreateClients(Patience);
        Followers = CreateClients(PatienceOfFollowers);
    }

    /// <summary>Sends a write.</summary>
    public async Task<HttpResponseMessage> WriteAsync(HttpClient gateway, HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        return await gateway.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Kills a server; the system starts it again.</summary>
    public Task KillAsync(string kind) => KillAsync(resource => resource.Kind == kind, kind);

    /// <summary>Kills one of <see cref="Gateways"/>; the system starts it again.</summary>
    public Task KillGatewayAsync(int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"gateway-{number}");
        return KillAsync(resource => resource.Name == name, name);
    }

    /// <summary>Lets a server stand still, and go on after that.</summary>
    public async Task StandStillAsync(string kind, TimeSpan time)
    {
        var stopped = (await _system!.ReadResourcesAsync(TestContext.Current.CancellationToken)).Single(resource => resource.Kind == kind);
        await Signals.StopAsync(stopped.Pid);
        try
        {
            await Task.Delay(time, TestContext.Current.CancellationToken);
        }
        finally
        {
            await Signals.ContinueAsync(stopped.Pid);
        }
    }

    /// <summary>Returns when both gateways say that all is well.</summary>
    public Task WaitUntilHealthyAsync() =>
        Eventually.TrueAsync(
            async () =>
            {
                foreach (var gateway in Gateways)
                {
                    if (!await IsHealthyAsync(gateway))
                    {
                        return false;
                    }
                }
                return true;
            },
            TimeSpan.FromMinutes(3),
            "all healthy again",
            TestContext.Current.CancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in Gateways.Concat(Followers))
        {
            gateway.Dispose();
        }
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }
        if (RunSettings.Current.KeepsData)
        {
            Console.WriteLine($"Data and logs: {_home.FullName}");
        }
        else
        {
            _home.Delete(recursive: true);
        }
        if (_turn is not null)
        {
            await _turn.DisposeAsync();
        }
    }

    private static async Task<bool> IsHealthyAsync(HttpClient gateway)
    {
        try
        {
            using var answer = await gateway.GetAsync("/health", TestContext.Current.CancellationToken);
            var health = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["checks"]!;
            // That changes are late under this load is what this measures.
            return new[] { "content", "career", "evictions" }.All(check => (string?)health[check]!["status"] == "Healthy");
        }
        catch (HttpRequestException)
        {
            return false; // not yet: it may have been killed itself
        }
    }

    private async Task KillAsync(Func<ListedResource, bool> isIt, string what)
    {
        var token = TestContext.Current.CancellationToken;
        var killed = (await _system!.ReadResourcesAsync(token)).Single(isIt);
        await Signals.KillAsync(killed.Pid);
        await Eventually.TrueAsync(
            async () => (await _system.ReadResourcesAsync(token)).Single(isIt).Pid != killed.Pid,
            TimeSpan.FromMinutes(2),
            $"{what} started again",
            token
        );
    }

    private List<HttpClient> CreateClients(TimeSpan patience) =>
        [
            .. Enumerable
                .Range(_system!.Port, 2)
                .Select(port => new HttpClient { BaseAddress = new Uri($"http://localhost:{port}"), Timeout = patience }),
        ];
}
