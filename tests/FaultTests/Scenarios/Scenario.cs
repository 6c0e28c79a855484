using BackendGuide.FaultTests.Episodes;
using BackendGuide.FaultTests.Rig;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>One server hurt in a way of its own while the system is under load, with figures of its own beside the checker's.</summary>
internal abstract class Scenario(string name, TestedSystem system, RunSettings settings, TimeProvider time)
{
    private static readonly TimeSpan ServerDeadline = TimeSpan.FromMinutes(2);

    protected TestedSystem System => system;

    protected ScenarioSizes Sizes { get; } = ScenarioSizes.Of(settings);

    protected TimeProvider Time => time;

    protected Report Report { get; } = new();

    /// <summary>How many services the scenario itself ends; a server that is away is no reason for one to end.</summary>
    protected virtual int ServicesEnded => 0;

    public async Task<ScenarioResult> RunAsync(CancellationToken cancellationToken)
    {
        var services = await ReadServicesAsync(cancellationToken);
        await using var trial = await Trial.StartAsync(system, settings, name, settings.Seeds[0], time, cancellationToken);
        await trial.Load.GoOnAsync(Sizes.Before, cancellationToken);
        await HurtAsync(trial, cancellationToken);
        await trial.RecoverAsync(name, cancellationToken);
        var result = await trial.FinishAsync(null, cancellationToken);
        Judge(trial, result);
        Report.Equal("services_restarted", ServicesEnded, (await ReadServicesAsync(cancellationToken)).Except(services).Count());
        return new ScenarioResult(name, result, Report);
    }

    /// <summary>Hurts a server, heals it, and reports what is seen meanwhile.</summary>
    protected abstract Task HurtAsync(Trial trial, CancellationToken cancellationToken);

    /// <summary>Reports what only the end shows.</summary>
    protected virtual void Judge(Trial trial, TrialResult result) { }

    /// <summary>The server of this kind, as it is listed now.</summary>
    protected async Task<ListedResource> FindAsync(string kind, CancellationToken cancellationToken) =>
        (await system.ReadResourcesAsync(cancellationToken)).Single(resource => resource.Kind == kind);

    /// <summary>Kills the broker, and returns when another process takes connections in its place.</summary>
    protected async Task KillBrokerAsync(CancellationToken cancellationToken)
    {
        var killed = await FindAsync("rabbitmq", cancellationToken);
        await Signals.KillAsync(killed.Pid);
        await Eventually.TrueAsync(
            async () =>
                (await FindAsync("rabbitmq", cancellationToken)).Pid != killed.Pid && await system.Broker.IsOpenAsync(cancellationToken),
            ServerDeadline,
            "the broker's port open",
            cancellationToken
        );
    }

    /// <summary>Stops the broker, and lets it go on after a while.</summary>
    protected async Task StopBrokerAsync(Func<Task> meanwhile, CancellationToken cancellationToken)
    {
        var stopped = await FindAsync("rabbitmq", cancellationToken);
        await Signals.StopAsync(stopped.Pid);
        try
        {
            await meanwhile();
        }
        finally
        {
            await Signals.ContinueAsync(stopped.Pid);
        }
    }

    /// <summary>How long it takes from now until something is so.</summary>
    protected async Task<TimeSpan> MeasureAsync(Func<Task<bool>> isSo, string what, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        await Eventually.TrueAsync(isSo, ServerDeadline, what, cancellationToken);
        return time.GetElapsedTime(since);
    }

    private async Task<IReadOnlyList<(string, int)>> ReadServicesAsync(CancellationToken cancellationToken) =>
        [
            .. (await system.ReadResourcesAsync(cancellationToken))
                .Where(resource => resource.Kind == "project")
                .Select(resource => (resource.Name, resource.Pid)),
        ];
}
