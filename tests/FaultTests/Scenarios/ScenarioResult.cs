using System.Globalization;
using BackendGuide.FaultTests.Episodes;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>What came of one scenario.</summary>
internal sealed record ScenarioResult(string Name, TrialResult Trial, Report Report)
{
    /// <summary>Everything that is asked and does not hold.</summary>
    public IReadOnlyList<string> Broken =>
        [.. Report.Broken, .. Trial.Verdict.Violations, .. Trial.Drained is null ? new[] { "the events did not drain in time" } : []];

    /// <summary>The figures in one line.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"scenario={Name} {Report} {Trial.Verdict} unknown={Trial.Verdict.Unknown} "
                + $"drained={(Trial.Drained is { } drained ? Report.Seconds(drained) : "never")} "
                + $"writes/s={Trial.Load.WritesPerSecond:0} reads/s={Trial.Load.ReadsPerSecond:0} failed_reads={Trial.Load.FailedReads}"
        );
}
