using BackendGuide.FaultTests.Episodes;
using BackendGuide.FaultTests.Load;
using BackendGuide.FaultTests.Rig;
using BackendGuide.Testing;
using BackendGuide.Testing.Faults;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>
/// The instances of the services are restarted with SIGTERM, one after the other, as an update does it. No reader gets an error; no write fails but, at the
/// most, what was under way at that instance when its connections ended.
/// </summary>
internal sealed class RestartedServices(TestedSystem system, RunSettings settings, TimeProvider time)
    : Scenario("restarted-services", system, settings, time)
{
    private static readonly TimeSpan s_back = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(2);

    // From the signal on: by then its connections have ended, on a machine that has more to do too.
    private static readonly TimeSpan s_ends = TimeSpan.FromSeconds(2);

    private readonly int _writers = settings.Rates.Writers;
    private readonly string[] _instances = settings.IsFull ? ["content-0", "career-0", "content-1", "career-1"] : ["content-0", "career-1"];
    private readonly List<DateTimeOffset> _ended = [];

    protected override int ServicesEnded => _instances.Length;

    protected override async Task HurtAsync(Trial trial, CancellationToken cancellationToken)
    {
        var longest = TimeSpan.Zero;
        foreach (var instance in _instances)
        {
            var ended = await InstanceAsync(instance, cancellationToken);
            _ended.Add(Time.GetUtcNow());
            await Signals.TerminateAsync(ended.Pid);
            var away = await MeasureAsync(
                async () => !Signals.IsAlive(ended.Pid) && (await InstanceAsync(instance, cancellationToken)).Pid != ended.Pid,
                $"{instance} started again",
                cancellationToken
            );
            longest = away > longest ? away : longest;
            // The next one not before this one answers: the other instance would be away with it.
            await System.WaitUntilSettledAsync(ended.Pid, cancellationToken);
            await trial.Load.GoOnAsync(s_between, cancellationToken);
        }
        Report.Within("instance_away", s_back, longest);
    }

    protected override void Judge(Trial trial, TrialResult result)
    {
        Report.Equal("reads_failed", 0, trial.Load.Reads.Count(read => read.Outcome == ReadOutcome.Failed));
        Report.Equal("reads_refused", 0, trial.Load.Reads.Count(read => read.Outcome == ReadOutcome.Refused));
        var failed = trial.Load.Writes.Where(write => write.Version is null).ToList();
        Report.Note("writes", trial.Load.Writes.Count);
        Report.Note("writes_failed", failed.Count);
        // Each writer has one under way, and half of them at this instance.
        foreach (var ended in _ended)
        {
            var atOnce = failed.Count(write => write.SentAt <= ended + s_ends && write.SentAt + write.Took >= ended);
            Report.Require(atOnce <= _writers, $"{atOnce} writes failed at the restart at {ended:HH:mm:ss.fff}");
        }
        var others = failed
            .Where(write => !_ended.Any(ended => write.SentAt <= ended + s_ends && write.SentAt + write.Took >= ended))
            .ToList();
        Report.Equal("writes_failed_that_were_not_under_way", 0, others.Count);
    }

    private async Task<ListedResource> InstanceAsync(string name, CancellationToken cancellationToken) =>
        (await System.ReadResourcesAsync(cancellationToken)).Single(resource => resource.Name == name);
}
