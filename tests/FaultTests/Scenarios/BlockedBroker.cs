using BackendGuide.FaultTests.Episodes;
using BackendGuide.FaultTests.Rig;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>
/// The broker is short of memory: it stops reading from publishers, and tells them nothing more. Writes and reads go on, the system says
/// that it is Degraded, and what has piled up is published when there is memory again.
/// </summary>
internal sealed class BlockedBroker(TestedSystem system, RunSettings settings, TimeProvider time)
    : Scenario("blocked-broker", system, settings, time)
{
    private const int DrainSeconds = 20;
    private const string RabbitMqDefault = "0.4";

    protected override async Task HurtAsync(Trial trial, CancellationToken cancellationToken)
    {
        var calm = await ReadLagAsync(cancellationToken);
        await System.Broker.SetMemoryLimitAsync("0", cancellationToken);
        long lag;
        try
        {
            var since = Time.GetTimestamp();
            Report.Note(
                "degraded_after",
                Report.Seconds(await MeasureAsync(() => IsDegradedAsync(cancellationToken), "Degraded", cancellationToken))
            );
            await trial.Load.GoOnAsync(Sizes.Blocked - Time.GetElapsedTime(since), cancellationToken);
            lag = await ReadLagAsync(cancellationToken);
        }
        finally
        {
            await System.Broker.SetMemoryLimitAsync(RabbitMqDefault, CancellationToken.None);
        }
        Report.Note("lag", lag);
        Report.Require(lag > calm, $"the lag did not rise: it was {calm} and is {lag}");
        List<long> heads = [];
        foreach (var source in System.Sources)
        {
            heads.Add(await source.ReadHeadAsync(cancellationToken));
        }
        Report.Within(
            "lag_drained",
            Sizes.Limit(DrainSeconds),
            await MeasureAsync(() => IsRelayedAsync(heads, cancellationToken), "the backlog published", cancellationToken)
        );
    }

    protected override void Judge(Trial trial, TrialResult result)
    {
        Report.Equal("write_errors", 0, result.Verdict.Unknown);
        Report.Equal("read_errors", 0, result.Load.FailedReads);
    }

    // Degraded for this, and not for something else.
    private async Task<bool> IsDegradedAsync(CancellationToken cancellationToken)
    {
        var health = await System.ReadHealthAsync(cancellationToken);
        return health.StartsWith("""{"status":"Degraded""", StringComparison.Ordinal)
            && health.Contains("the broker has confirmed nothing", StringComparison.Ordinal);
    }

    private async Task<long> ReadLagAsync(CancellationToken cancellationToken)
    {
        var lag = 0L;
        foreach (var source in System.Sources)
        {
            var relayed = await source.ReadRelayedAsync(cancellationToken);
            lag += await source.ReadHeadAsync(cancellationToken) - relayed;
        }
        return lag;
    }

    private async Task<bool> IsRelayedAsync(IReadOnlyList<long> heads, CancellationToken cancellationToken)
    {
        foreach (var (source, head) in System.Sources.Zip(heads))
        {
            if (await source.ReadRelayedAsync(cancellationToken) < head)
            {
                return false;
            }
        }
        return true;
    }
}
