using BackendGuide.FaultTests.Episodes;
using BackendGuide.FaultTests.Rig;
using BackendGuide.Testing;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>
/// The broker is killed, and stopped for so long that every client gives its connection up. Each time all consumers are back soon, on every
/// queue: none is connected and hears nothing.
/// </summary>
internal sealed class ReturningConsumers(TestedSystem system, RunSettings settings, TimeProvider time)
    : Scenario("returning-consumers", system, settings, time)
{
    private const int ReturnSeconds = 20;
    private const int StopEach = 5;
    private static readonly TimeSpan CountDeadline = TimeSpan.FromMinutes(1);

    protected override async Task HurtAsync(Trial trial, CancellationToken cancellationToken)
    {
        var queues = await System.Broker.ListQueuesAsync(cancellationToken);
        var expected = await CountAsync(queues, cancellationToken);
        Report.Note("consumers", expected.Values.Sum());
        // Two of a kind for each of the two services' two instances, and the probe: fewer would make the comparison an empty one.
        Report.Require(expected.Values.Count(count => count >= 2) >= 2, "not every service has its consumers before the first restart");
        var (longest, stops) = (TimeSpan.Zero, 0);
        for (var restart = 0; restart < Sizes.Restarts; restart++)
        {
            if (restart % StopEach == 0)
            {
                stops++;
                await StopBrokerAsync(() => trial.Load.GoOnAsync(Sizes.HalfOpen, cancellationToken), cancellationToken);
            }
            else
            {
                await KillBrokerAsync(cancellationToken);
            }
            var since = Time.GetTimestamp();
            // A broker that wakes still counts the connections that its clients have long given up: events have to flow, too.
            await trial.RecoverAsync("the restart", cancellationToken);
            await MeasureAsync(() => AreBackAsync(expected, cancellationToken), "all consumers on every queue", cancellationToken);
            var returned = Time.GetElapsedTime(since);
            longest = returned > longest ? returned : longest;
        }
        Report.Note("restarts", Sizes.Restarts);
        Report.Note("stops", stops);
        Report.Within("consumers_returned", Sizes.Limit(ReturnSeconds), longest);
    }

    protected override void Judge(Trial trial, TrialResult result) => Report.Equal("write_errors", 0, result.Verdict.Unknown);

    private async Task<IReadOnlyDictionary<string, long>> CountAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, QueueCounts>? counts = null;
        await Eventually.TrueAsync(
            async () => (counts = await System.Broker.TryCountAsync(queues, cancellationToken)) is not null,
            CountDeadline,
            "the broker's counts",
            cancellationToken
        );
        return counts!.ToDictionary(queue => queue.Key, queue => (long)queue.Value.Consumers);
    }

    private async Task<bool> AreBackAsync(IReadOnlyDictionary<string, long> expected, CancellationToken cancellationToken) =>
        await System.Broker.TryCountAsync(expected.Keys, cancellationToken) is { } counts
        && counts.All(queue => queue.Value.Consumers == expected[queue.Key]);
}
