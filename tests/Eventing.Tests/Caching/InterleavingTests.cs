using System.Diagnostics;
using System.Globalization;
using BackendGuide.Eventing.Tests.Caching.Simulated;

namespace BackendGuide.Eventing.Tests.Caching;

/// <summary>
/// What a cache gets wrong it gets wrong between two steps: so many orders of the steps are tried as seeds are given. A seed that fails is
/// run again, step by step, by <c>BACKENDGUIDE_CACHE_SEED</c>.
/// </summary>
public sealed class InterleavingTests(ITestOutputHelper output)
{
    private const int Seeds = 10_000;
    private const int SeedsOfControl = 300;

    [Fact]
    public void Reads_In10000OrdersOfWritesAnnouncementsAndLosses_AreNeverOlderThanWhatWasHeard()
    {
        var only = int.TryParse(Environment.GetEnvironmentVariable("BACKENDGUIDE_CACHE_SEED"), CultureInfo.InvariantCulture, out var seed);
        var (reads, loads, found) = (0, 0, 0);
        var since = Stopwatch.StartNew();
        foreach (var next in only ? [seed] : Enumerable.Range(1, Seeds))
        {
            using var simulation = new Simulation(next, trace: only ? output.WriteLine : null).Run();
            if (simulation.Faults.Count > 0)
            {
                Assert.Fail($"seed {next}: {string.Join("; ", simulation.Faults)}\n{Retrace(next)}");
            }
            (reads, loads, found) = (reads + simulation.Reads, loads + simulation.Loads, found + simulation.FoundInRedis);
        }
        output.WriteLine($"{reads} reads, {loads} loads, {found} answers found in Redis, {since.Elapsed.TotalSeconds:0.0} s");
        // A cache that keeps nothing is never stale.
        Assert.True(only || (loads < reads * 0.8 && found > Seeds / 10), $"{reads} reads, {loads} loads, {found} found in Redis");
    }

    [Fact]
    public void Reads_ThroughACacheThatDoesNotLookAtPositions_AreFoundToBeStale()
    {
        var stale = 0;
        for (var seed = 1; seed <= SeedsOfControl; seed++)
        {
            using var simulation = new Simulation(seed, isPlain: true) { GoesOnAfterFaults = true }.Run();
            stale += simulation.StaleAtTheEnd > 0 ? 1 : 0;
        }
        output.WriteLine($"stale after everything was delivered: in {stale} of {SeedsOfControl} orders");
        Assert.True(stale > SeedsOfControl / 20, $"{stale} of {SeedsOfControl}");
    }

    private static string Retrace(int seed)
    {
        List<string> steps = [];
        using var simulation = new Simulation(seed, trace: steps.Add).Run();
        return string.Join('\n', steps);
    }
}
