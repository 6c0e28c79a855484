using BackendGuide.FaultTests.Rig;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.FaultTests.Episodes;

/// <summary>One fault under load, from the first write to the verdict.</summary>
internal sealed class Episode(TestedSystem system, RunSettings settings, Fault fault, int seed, TimeProvider time)
{
    private readonly Random _random = Seeds.RandomFor(seed, (int)fault.Signal, (int)fault.Target);

    public async Task<EpisodeResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var trial = await Trial.StartAsync(system, settings, $"{fault}-{seed}", _random.Next(), time, cancellationToken);
        await trial.Load.GoOnAsync(settings.Before.Pick(_random), cancellationToken);
        var target = fault.Pick(await system.ReadResourcesAsync(cancellationToken), _random);
        var begin = time.GetUtcNow();
        await InjectAsync(target, trial, cancellationToken);
        var end = fault.Signal == FaultSignal.Kill ? begin : time.GetUtcNow();
        var recovery = await trial.RecoverAsync(fault.ToString(), cancellationToken);
        if (fault.Signal == FaultSignal.Kill && begin + Felt.Restart - time.GetUtcNow() is var rest && rest > TimeSpan.Zero)
        {
            await trial.Load.GoOnAsync(rest, cancellationToken); // what comes then is from after it
        }
        var result = await trial.FinishAsync(fault.Signal == FaultSignal.Kill ? target.Pid : null, cancellationToken);
        var felt = Felt.Of(trial.Load.Reads, trial.Load.Writes, begin, end, end + recovery);
        return new EpisodeResult(fault, seed, target.Name, result.Verdict, recovery, result.Drained, result.Load, felt);
    }

    private async Task InjectAsync(ListedResource target, Trial trial, CancellationToken cancellationToken)
    {
        if (fault.Signal == FaultSignal.Kill)
        {
            await Signals.KillAsync(target.Pid);
            return;
        }
        await Signals.StopAsync(target.Pid);
        try
        {
            await trial.Load.GoOnAsync(settings.Stopped.Pick(_random), cancellationToken);
        }
        finally
        {
            await Signals.ContinueAsync(target.Pid);
        }
    }
}
