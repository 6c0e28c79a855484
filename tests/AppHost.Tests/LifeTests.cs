using System.Diagnostics;
using System.Net;
using BackendGuide.Testing;

namespace BackendGuide.AppHost.Tests;

/// <summary>The whole system's life and death, seen from outside.</summary>
public sealed class LifeTests : IAsyncLifetime
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    // Nothing is promised of how fast a service starts on a machine that has a second system and other tests to run.
    private static readonly TimeSpan s_restartLimit = TimeSpan.FromMinutes(3);
    private IAsyncDisposable? turn;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => turn = await TestServers.WaitForTurnAsync(Cancellation);

    public ValueTask DisposeAsync() => turn?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task System_killed_in_any_way_leaves_no_process_and_starts_again_on_its_data()
    {
        using var data = new TemporaryData();
        foreach (var victims in new[] { "dotnet run", "AppHost", "both" })
        {
            await using var system = RunningAppHost.Start(data.Folder, FreePorts.Take());
            await system.ReadyAsync();
            var family = await system.FamilyAsync();
            // dotnet run, AppHost, watchdog, epmd, broker, cache, three services, PostgreSQL and its five.
            Assert.True(family.Length >= 14, $"{family.Length} processes");

            // The AppHost is the only child of `dotnet run`.
            int[] killed = victims switch
            {
                "dotnet run" => [family[0]],
                "AppHost" => [family[1]],
                _ => [family[0], family[1]],
            };
            await RunningAppHost.SignalAsync("KILL", killed);

            await RunningAppHost.GoneAsync(family, EndLimit);
        }
    }

    [Fact]
    public async Task System_with_replicas_lists_them_restarts_them_and_stops_in_time()
    {
        using var data = new TemporaryData();
        using var other = new TemporaryData();
        var port = FreePorts.Take(count: 2);
        await using var system = RunningAppHost.Start(
            data.Folder,
            port,
            ("Replicas__content", "2"),
            ("Replicas__career", "2"),
            ("Replicas__gateway", "2")
        );
        await system.ReadyAsync();

        var names = (await system.ResourcesAsync()).Select(resource => resource.GetProperty("name").GetString());
        Assert.Equal(["postgres", "messaging", "cache", "content-0", "content-1", "career-0", "career-1", "gateway-0", "gateway-1"], names);
        using var client = new HttpClient();
        foreach (var gateway in new[] { port, port + 1 })
        {
            using var answer = await client.GetAsync($"http://localhost:{gateway}/api/v1/guides/what-is-backend-development", Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await SecondOnTheSameDataIsRefused(data, system);
        await SecondOnTheSamePortIsRefused(other, port);
        await KilledReplicaIsRestarted(system, "content-0");
        await KilledReplicaIsRestarted(system, "cache");

        var family = await system.FamilyAsync();
        var since = Stopwatch.StartNew();
        await RunningAppHost.SignalAsync("TERM", system.ProcessId);
        Assert.Equal(0, await system.ExitCodeAsync());
        Assert.InRange(since.Elapsed, TimeSpan.Zero, EndLimit);
        await RunningAppHost.GoneAsync(family, EndLimit);
        Assert.False(File.Exists(data.Folder.In("resources.json")));
    }

    private static async Task SecondOnTheSameDataIsRefused(TemporaryData data, RunningAppHost first)
    {
        await using var second = RunningAppHost.Start(data.Folder, FreePorts.Take());

        Assert.Equal(1, await second.ExitCodeAsync());
        Assert.Contains("is in use by another AppHost (process ", second.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, await first.ProcessIdOfAsync("postgres"));
    }

    private static async Task SecondOnTheSamePortIsRefused(TemporaryData other, int port)
    {
        await using var second = RunningAppHost.Start(other.Folder, port);

        Assert.Equal(1, await second.ExitCodeAsync());
        Assert.Contains(
            $"port {port}, which gateway should listen on, is in use by dotnet (process ",
            second.Output,
            StringComparison.Ordinal
        );
    }

    private static async Task KilledReplicaIsRestarted(RunningAppHost system, string name)
    {
        var killed = await system.ProcessIdOfAsync(name);

        await RunningAppHost.SignalAsync("KILL", killed);

        await Eventually.TrueAsync(
            async () => await system.ProcessIdOfAsync(name) != killed,
            s_restartLimit,
            $"{name} has a new process",
            Cancellation
        );
        Assert.Contains($"{name} ended with exit code 137; it is started again in 0.5 s.", system.Output, StringComparison.Ordinal);
        await Eventually.TrueAsync(
            () => Task.FromResult(system.Output.Contains($"{name} is healthy again.", StringComparison.Ordinal)),
            s_restartLimit,
            $"{name} is healthy",
            Cancellation
        );
    }
}
