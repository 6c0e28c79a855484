using BackendGuide.FaultTests.Episodes;
using BackendGuide.FaultTests.Rig;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>
/// The broker is killed again and again. What it had not confirmed is published again, so that some comes twice; nothing is lost, and
/// nothing takes effect twice.
/// </summary>
internal sealed class KilledBroker(TestedSystem system, RunSettings settings, TimeProvider time)
    : Scenario("killed-broker", system, settings, time)
{
    private const int ResumeSeconds = 15;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    protected override async Task HurtAsync(Trial trial, CancellationToken cancellationToken)
    {
        var longest = TimeSpan.Zero;
        for (var kill = 0; kill < Sizes.Kills; kill++)
        {
            await KillBrokerAsync(cancellationToken);
            var before = await ReadAsync(cancellationToken);
            var resumed = await MeasureAsync(
                async () => (await ReadAsync(cancellationToken)).Zip(before).All(cursor => cursor.First > cursor.Second),
                "each relay moving on",
                cancellationToken
            );
            longest = resumed > longest ? resumed : longest;
            await trial.Load.GoOnAsync(Between, cancellationToken);
        }
        Report.Note("kills", Sizes.Kills);
        Report.Within("relay_resumed", Sizes.Limit(ResumeSeconds), longest);
    }

    protected override void Judge(Trial trial, TrialResult result)
    {
        Report.Equal("write_errors", 0, result.Verdict.Unknown);
        // Ten kills without one event in flight would say that the load was none.
        Report.Require(!Sizes.IsFull || result.Verdict.DuplicatesDelivered > 0, "no event was delivered twice");
    }

    private async Task<IReadOnlyList<long>> ReadAsync(CancellationToken cancellationToken)
    {
        List<long> relayed = [];
        foreach (var source in System.Sources)
        {
            relayed.Add(await source.ReadRelayedAsync(cancellationToken));
        }
        return relayed;
    }
}
