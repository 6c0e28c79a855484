using BackendGuide.FaultTests.Checking;
using BackendGuide.FaultTests.Load;
using BackendGuide.FaultTests.Rig;
using BackendGuide.Testing;

namespace BackendGuide.FaultTests.Episodes;

/// <summary>A load on the running system, watched from its first write to the verdict: what is hurt meanwhile is its user's affair.</summary>
internal sealed class Trial : IAsyncDisposable
{
    private static readonly TimeSpan RecoveryDeadline = TimeSpan.FromMinutes(2);

    private readonly RunSettings _settings;
    private readonly TimeProvider _time;

    private Trial(TestedSystem system, RunSettings settings, Window window, LoadRun load, TimeProvider time)
    {
        (System, _settings, Window, Load, _time) = (system, settings, window, load, time);
    }

    public TestedSystem System { get; }

    public Window Window { get; }

    public LoadRun Load { get; }

    /// <summary>Starts the load; <paramref name="name"/> goes into what it writes.</summary>
    public static async Task<Trial> StartAsync(
        TestedSystem system,
        RunSettings settings,
        string name,
        int seed,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var window = await Window.OpenAsync(system, cancellationToken);
        return new Trial(system, settings, window, LoadRun.Start(system.Gateway, system.Token, settings.Rates, name, seed, time), time);
    }

    /// <summary>Waits until a write that is sent from now on is applied in the other service.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> RecoverAsync(string after, CancellationToken cancellationToken)
    {
        var end = _time.GetUtcNow();
        TimeSpan? recovery = null;
        await Eventually.TrueAsync(
            async () => (recovery = Recovery.Find(Load.Writes, await Window.ReadEffectsAsync(cancellationToken), end)) is not null,
            RecoveryDeadline,
            $"a write after {after} that is applied in the other service",
            cancellationToken
        );
        return recovery!.Value;
    }

    /// <summary>Lets the load go on for a while, ends it, and judges when all of it is everywhere and the system is healthy.</summary>
    /// <param name="gone">A process that was killed, and may still be listed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<TrialResult> FinishAsync(int? gone, CancellationToken cancellationToken)
    {
        await Load.GoOnAsync(_settings.After, cancellationToken);
        var figures = await Load.StopAsync();
        var drained = await DrainAsync(cancellationToken);
        try
        {
            await System.WaitUntilSettledAsync(gone, cancellationToken);
        }
        catch (TimeoutException) when (drained is not null)
        {
            // Parked events and dead letters keep a system Degraded: the verdict names them, which is more than that it is.
            var verdict = await JudgeAsync(cancellationToken);
            if (!verdict.IsClean)
            {
                return new TrialResult(verdict, drained, figures);
            }
            throw;
        }
        return new TrialResult(await JudgeAsync(cancellationToken), drained, figures);
    }

    public ValueTask DisposeAsync() => Load.DisposeAsync();

    private async Task<Verdict> JudgeAsync(CancellationToken cancellationToken) =>
        Checker.Check(await Window.ReadAsync(Load.Writes, cancellationToken));

    /// <summary>How long the last events took until they were everywhere; null where they did not in time.</summary>
    private async Task<TimeSpan?> DrainAsync(CancellationToken cancellationToken)
    {
        var since = _time.GetTimestamp();
        try
        {
            await Eventually.TrueAsync(
                () => Window.IsDrainedAsync(cancellationToken),
                _settings.DrainLimit,
                "every event at the probe and in the other service",
                cancellationToken
            );
            return _time.GetElapsedTime(since);
        }
        catch (TimeoutException)
        {
            return null; // the checker says what is missing, which is more than that something is
        }
    }
}

/// <summary>What came of a load.</summary>
/// <param name="Verdict">The checker's.</param>
/// <param name="Drained">From the end of the load until all of it was everywhere; null where that took too long.</param>
/// <param name="Load">What the load reached.</param>
internal sealed record TrialResult(Verdict Verdict, TimeSpan? Drained, LoadFigures Load);
