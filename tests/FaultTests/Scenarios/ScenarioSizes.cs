namespace BackendGuide.FaultTests.Scenarios;

/// <summary>How long and how often something is hurt: what continuous integration has time for, or the full form.</summary>
/// <param name="Before">How long the load runs before: the first requests open connections and compile what they run, on two cores for half a minute.</param>
/// <param name="Kills">How often the broker is killed.</param>
/// <param name="Restarts">How often it is killed or stopped, one after the other.</param>
/// <param name="HalfOpen">How long it is stopped so that its connections are given up: over two heartbeats of 10 s.</param>
/// <param name="Stopped">How long it is stopped so that they are kept.</param>
/// <param name="Blocked">How long it takes nothing from publishers.</param>
/// <param name="DatabaseAway">How long PostgreSQL is killed whenever it is there.</param>
/// <param name="IsFull">Whether figures that a slow machine spoils are judged.</param>
internal sealed record ScenarioSizes(
    TimeSpan Before,
    int Kills,
    int Restarts,
    TimeSpan HalfOpen,
    TimeSpan Stopped,
    TimeSpan Blocked,
    TimeSpan DatabaseAway,
    bool IsFull
)
{
    private static readonly TimeSpan OnASlowMachine = TimeSpan.FromSeconds(60);

    public static ScenarioSizes Of(RunSettings settings) =>
        settings.IsFull
            ? new(Seconds(45), Kills: 10, Restarts: 10, Seconds(70), Seconds(30), Seconds(30), Seconds(20), IsFull: true)
            : new(Seconds(2), Kills: 2, Restarts: 1, Seconds(25), Seconds(5), Seconds(5), Seconds(3), IsFull: false);

    /// <summary>The limit that is promised; in the quick form one that a machine with other work keeps too.</summary>
    public TimeSpan Limit(int seconds) => IsFull ? Seconds(seconds) : OnASlowMachine;

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
