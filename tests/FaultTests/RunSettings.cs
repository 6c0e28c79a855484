using System.Globalization;
using BackendGuide.FaultTests.Episodes;
using BackendGuide.FaultTests.Load;

namespace BackendGuide.FaultTests;

/// <summary>How much is tried: what continuous integration has time for, or the full matrix.</summary>
/// <param name="Seeds">One episode of each fault for each.</param>
/// <param name="Target">The one target whose faults are tried; null for all.</param>
/// <param name="Rates">The load.</param>
/// <param name="WarmUp">How long a load may run before the first episode so that the system is warm.</param>
/// <param name="Before">How long the load runs before the fault; the seed picks the moment.</param>
/// <param name="Stopped">How long a stopped process stays so.</param>
/// <param name="After">How long the load goes on when the system has recovered.</param>
/// <param name="DrainLimit">How long the last events may take from the end of the load until they are applied everywhere.</param>
/// <param name="RecoveryLimit">How long it may take from the end of a fault until a later write is applied in the other service.</param>
/// <param name="IsFull">Whether this is the full form.</param>
/// <param name="KeepsData">Whether the system's data and logs are left for whoever looks for a fault's cause.</param>
internal sealed record RunSettings(
    IReadOnlyList<int> Seeds,
    FaultTarget? Target,
    LoadRates Rates,
    TimeSpan WarmUp,
    Span Before,
    Span Stopped,
    TimeSpan After,
    TimeSpan DrainLimit,
    TimeSpan RecoveryLimit,
    bool IsFull,
    bool KeepsData
)
{
    // Set by tests/FaultTests/run.
    private const string Full = "BACKENDGUIDE_FAULTS_FULL";
    private const string Seed = "BACKENDGUIDE_FAULTS_SEED";
    private const string Only = "BACKENDGUIDE_FAULTS_ONLY";
    private const string Keep = "BACKENDGUIDE_FAULTS_KEEP";
    private const int FullSeeds = 5;

    public static RunSettings Current { get; } = Read(Environment.GetEnvironmentVariable);

    public static RunSettings Read(Func<string, string?> environment)
    {
        var seed = environment(Seed) is { Length: > 0 } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : 1;
        FaultTarget? target = environment(Only) is { Length: > 0 } only ? Enum.Parse<FaultTarget>(only) : null;
        var keepsData = environment(Keep) == "1";
        return environment(Full) == "1"
            ? new RunSettings(
                [.. Enumerable.Range(seed, FullSeeds)],
                target,
                new LoadRates(Writes: 200, Reads: 500, Writers: 32, Readers: 32),
                WarmUp: TimeSpan.FromMinutes(1),
                Before: new Span(5, 20),
                Stopped: new Span(30, 30),
                After: TimeSpan.FromSeconds(20),
                DrainLimit: TimeSpan.FromSeconds(30),
                RecoveryLimit: TimeSpan.FromSeconds(30),
                IsFull: true,
                keepsData
            )
            : new RunSettings(
                [seed],
                target,
                new LoadRates(Writes: 50, Reads: 100, Writers: 16, Readers: 16),
                WarmUp: TimeSpan.FromMinutes(1),
                Before: new Span(1.5, 3.5),
                Stopped: new Span(5, 8),
                After: TimeSpan.FromSeconds(2),
                DrainLimit: TimeSpan.FromSeconds(90), // a slow machine, with another test module beside this one
                RecoveryLimit: TimeSpan.FromSeconds(60),
                IsFull: false,
                keepsData
            );
    }
}

/// <summary>A time between two bounds, in seconds.</summary>
internal readonly record struct Span(double From, double To)
{
    public TimeSpan Pick(Random random) => TimeSpan.FromSeconds(From + ((To - From) * random.NextDouble()));
}
