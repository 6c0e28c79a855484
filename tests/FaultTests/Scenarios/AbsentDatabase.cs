using BackendGuide.FaultTests.Episodes;
using BackendGuide.FaultTests.Rig;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>
/// PostgreSQL is killed whenever it comes back, for a while. Events wait where they are: none uses up its deliveries or its attempts, and
/// what has waited is applied when the database stays.
/// </summary>
internal sealed class AbsentDatabase(TestedSystem system, RunSettings settings, TimeProvider time)
    : Scenario("absent-database", system, settings, time)
{
    private const int DrainSeconds = 30;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    protected override async Task HurtAsync(Trial trial, CancellationToken cancellationToken)
    {
        var since = Time.GetTimestamp();
        var (killed, kills) = (0, 0);
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
