using BackendGuide.FaultTests.Checking;
using BackendGuide.FaultTests.Load;
using BackendGuide.FaultTests.Rig;
using BackendGuide.Testing;

namespace BackendGuide.FaultTests.Episodes;

/// <summary>One fault under load, from the first write to the verdict.</summary>
internal sealed class Episode(TestedSystem system, RunSettings settings, Fault fault, int seed, TimeProvider time)
{
    private static readonly TimeSpan RecoveryDeadline = TimeSpan.FromMinutes(2);

    private readonly Random _random = Seeds.RandomFor(seed, (int)fault.Signal, (int)fault.Target);

    public async Task<EpisodeResult> RunAsync(CancellationToken cancellationToken)
    {
        var window = await Window.OpenAsync(system, cancellationToken);
        await using var load = LoadRun.Start(system.Gateway, system.Token, settings.Rates, $"{fault}-{seed}", _random.Next(), time);
        await load.GoOnAsync(settings.Before.Pick(_random), cancellationToken);
        var target = fault.Pick(await system.ReadResourcesAsync(cancellationToken), _random);
        await InjectAsync(target, load, cancellationToken);
        var recovery = await RecoverAsync(load, window, time.GetUtcNow(), cancellationToken);
        await load.GoOnAsync(settings.After, cancellationToken);
        var figures = await load.StopAsync();
        var drained = await DrainAsync(window, cancellationToken);
        await system.WaitUntilSettledAsync(fault.Signal == FaultSignal.Kill ? target.Pid : null, cancellationToken);
        var verdict = Checker.Check(await window.ReadAsync(load.Writes, cancellationToken));
        return new EpisodeResult(fault, seed, target.Name, verdict, recovery, drained, figures);
    }

    private async Task InjectAsync(ListedResource target, LoadRun load, CancellationToken cancellationToken)
    {
        if (fault.Signal == FaultSignal.Kill)
        {
            await Signals.KillAsync(target.Pid);
            return;
        }
        await Signals.StopAsync(target.Pid);
        try
        {
            await load.GoOnAsync(settings.Stopped.Pick(_random), cancellationToken);
        }
        finally
        {
            await Signals.ContinueAsync(target.Pid);
        }
    }

    private async Task<TimeSpan> RecoverAsync(LoadRun load, Window window, DateTimeOffset end, CancellationToken cancellationToken)
    {
        TimeSpan? recovery = null;
        await Eventually.TrueAsync(
            async () => (recovery = Recovery.Find(load.Writes, await window.ReadEffectsAsync(cancellationToken), end)) is not null,
            RecoveryDeadline,
            $"a write after {fault} that is applied in the other service",
            cancellationToken
        );
        return recovery!.Value;
    }

    /// <summary>How long the last events took until they were everywhere; null where they did not in time.</summary>
    private async Task<TimeSpan?> DrainAsync(Window window, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        try
        {
            await Eventually.TrueAsync(
                () => window.IsDrainedAsync(cancellationToken),
                settings.DrainLimit,
                "every event at the probe and in the other service",
                cancellationToken
            );
            return time.GetElapsedTime(since);
        }
        catch (TimeoutException)
        {
            return null; // the checker says what is missing, which is more than that something is
        }
    }
}
