using BackendGuide.FaultTests.Rig;
using BackendGuide.FaultTests.Scenarios;
using BackendGuide.Testing;

namespace BackendGuide.FaultTests.Episodes;

/// <summary>One system on an empty data folder, on which all episodes and scenarios run one after the other, and the table of what came of them.</summary>
public sealed class FaultRun : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("backendguide-faults-");
    private readonly List<EpisodeResult> _results = [];
    private IAsyncDisposable? _turn;
    private TestedSystem? _system;

    public async ValueTask InitializeAsync()
    {
        _turn = await TestServers.WaitForAllTurnsAsync(TestContext.Current.CancellationToken);
        _system = await TestedSystem.StartAsync(Path.Combine(_home.FullName, "data"), TestContext.Current.CancellationToken);
        await WarmUpAsync(_system, TestContext.Current.CancellationToken);
    }

    // The first requests open connections and compile what they run. On a slow machine a client loses its patience with that, which says
    // nothing about a fault.
    private static async Task WarmUpAsync(TestedSystem system, CancellationToken cancellationToken)
    {
        var settings = RunSettings.Current;
        await using var trial = await Trial.StartAsync(
            system,
            settings,
            "warm-up",
            settings.Seeds[0],
            TimeProvider.System,
            cancellationToken
        );
        await trial.Load.GoOnUntilPromptAsync(settings.WarmUp, cancellationToken);
        await trial.FinishAsync(null, cancellationToken);
    }

    /// <summary>Runs an episode and prints its line.</summary>
    internal async Task<EpisodeResult> RunAsync(Fault fault, int seed, CancellationToken cancellationToken)
    {
        var result = await new Episode(_system!, RunSettings.Current, fault, seed, TimeProvider.System).RunAsync(cancellationToken);
        _results.Add(result);
        Console.WriteLine(result);
        return result;
    }

    /// <summary>Runs a scenario and prints its line.</summary>
    internal async Task<ScenarioResult> RunAsync(
        Func<TestedSystem, RunSettings, TimeProvider, Scenario> make,
        CancellationToken cancellationToken
    )
    {
        var result = await make(_system!, RunSettings.Current, TimeProvider.System).RunAsync(cancellationToken);
        Console.WriteLine(result);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        if (_results.Count > 0)
        {
            Console.WriteLine(FaultTable.Format(_results));
            Console.WriteLine(FaultTable.FormatFelt(_results));
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
}
