using BackendGuide.FaultTests.Episodes;
using BackendGuide.FaultTests.Rig;
using BackendGuide.Testing.Faults;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>
/// PostgreSQL is killed whenever it comes back, for a while. Events wait where they are: none uses up its deliveries or its attempts, and
/// what has waited is applied when the database stays. One service is stopped just before, so that there are events which wait: without a
/// database nobody writes more.
/// </summary>
internal sealed class AbsentDatabase(TestedSystem system, RunSettings settings, TimeProvider time)
    : Scenario("absent-database", system, settings, time)
{
    private const int DrainSeconds = 30;
    private static readonly TimeSpan PileUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    protected override async Task HurtAsync(Trial trial, CancellationToken cancellationToken)
    {
        var consumers = (await System.ReadResourcesAsync(cancellationToken))
            .Where(resource => resource.Name.StartsWith("career-", StringComparison.Ordinal))
            .ToList();
        var killed = (await FindAsync("postgres", cancellationToken)).Pid;
        try
        {
            foreach (var consumer in consumers)
            {
                await Signals.StopAsync(consumer.Pid);
            }
            await trial.Load.GoOnAsync(PileUp, cancellationToken);
            var backlog = await ReadBacklogAsync(cancellationToken);
            Report.Note("backlog", backlog);
            Report.Require(backlog > 0, "no event was under way");
            await Signals.KillAsync(killed);
        }
        finally
        {
            foreach (var consumer in consumers)
            {
                await Signals.ContinueAsync(consumer.Pid);
            }
        }
        var since = Time.GetTimestamp();
        var kills = 1;
        using var looks = new PeriodicTimer(LookInterval, Time);
        do
        {
            var server = await FindAsync("postgres", cancellationToken);
            if (server.Pid != killed && Signals.IsAlive(server.Pid))
            {
                await Signals.KillAsync(server.Pid);
                killed = server.Pid;
                kills++;
            }
        } while (await looks.WaitForNextTickAsync(cancellationToken) && Time.GetElapsedTime(since) < Sizes.DatabaseAway);
        await MeasureAsync(() => System.Databases.AnswerAsync(cancellationToken), "PostgreSQL", cancellationToken);
        Report.Note("kills", kills);
        Report.Note("away", Report.Seconds(Time.GetElapsedTime(since)));
        List<long> heads = [];
        foreach (var source in System.Sources)
        {
            heads.Add(await source.ReadHeadAsync(cancellationToken));
        }
        Report.Within(
            "backlog_drained",
            Sizes.Limit(DrainSeconds),
            await MeasureAsync(() => AreAppliedAsync(heads, cancellationToken), "the backlog applied", cancellationToken)
        );
    }

    private async Task<long> ReadBacklogAsync(CancellationToken cancellationToken)
    {
        var backlog = 0L;
        foreach (var source in System.Sources)
        {
            var applied = await source.ReadContiguousAsync(cancellationToken);
            backlog += await source.ReadRelayedAsync(cancellationToken) - applied;
        }
        return backlog;
    }

    private async Task<bool> AreAppliedAsync(IReadOnlyList<long> heads, CancellationToken cancellationToken)
    {
        foreach (var (source, head) in System.Sources.Zip(heads))
        {
            if (await source.ReadContiguousAsync(cancellationToken) < head)
            {
                return false;
            }
        }
        return true;
    }
}
