using BackendGuide.FaultTests.Checking;
using BackendGuide.FaultTests.Episodes;
using BackendGuide.FaultTests.Rig;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>
/// The broker stands still. No transaction is open while something waits for it, so that writes are as fast as before, and none fails.
/// </summary>
internal sealed class StoppedBroker(TestedSystem system, RunSettings settings, TimeProvider time)
    : Scenario("stopped-broker", system, settings, time)
{
    private const double MostSlower = 1.5;
    private static readonly TimeSpan LongestTransaction = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private DateTimeOffset _stopped;
    private DateTimeOffset _continued;

    protected override async Task HurtAsync(Trial trial, CancellationToken cancellationToken)
    {
        var oldest = 0.0;
        _stopped = Time.GetUtcNow();
        await StopBrokerAsync(
            async () =>
            {
                using var looks = new PeriodicTimer(LookInterval, Time);
                var since = Time.GetTimestamp();
                while (await looks.WaitForNextTickAsync(cancellationToken) && Time.GetElapsedTime(since) < Sizes.Stopped)
                {
                    oldest = Math.Max(oldest, await System.Databases.ReadOldestTransactionAsync(cancellationToken));
                }
            },
            cancellationToken
        );
        _continued = Time.GetUtcNow();
        Report.Within("oldest_transaction", LongestTransaction, TimeSpan.FromSeconds(oldest));
    }

    protected override void Judge(Trial trial, TrialResult result)
    {
        // From half of the time before on: the first requests open connections and compile what they run.
        var before = P99(trial, _stopped - (Sizes.Before / 2), _stopped);
        var meanwhile = P99(trial, _stopped, _continued);
        Report.Note("write_p99_before", Report.Seconds(before));
        Report.Note("write_p99", Report.Seconds(meanwhile));
        Report.Require(
            !Sizes.IsFull || meanwhile <= before * MostSlower,
            $"the p99 of writes is {Report.Seconds(meanwhile)} with the broker stopped, and was {Report.Seconds(before)}"
        );
        Report.Equal("write_errors", 0, result.Verdict.Unknown);
    }

    private static TimeSpan P99(Trial trial, DateTimeOffset from, DateTimeOffset to) =>
        FaultTable.Percentile(
            trial.Load.Writes.Where((SentWrite write) => write.SentAt >= from && write.SentAt < to).Select(write => write.Took),
            0.99
        );
}
