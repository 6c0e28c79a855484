using System.Globalization;
using BackendGuide.FaultTests.Checking;
using BackendGuide.FaultTests.Load;

namespace BackendGuide.FaultTests.Episodes;

/// <summary>What came of one fault.</summary>
/// <param name="Fault">The fault.</param>
/// <param name="Seed">Repeats it, with <c>--seed</c>.</param>
/// <param name="Process">The resource that was hit.</param>
/// <param name="Verdict">The checker's.</param>
/// <param name="Recovery">From the end of the fault until a later write was applied in the other service.</param>
/// <param name="Drained">From the end of the load until all of it was everywhere; null where that took too long.</param>
/// <param name="Load">What the load reached.</param>
/// <param name="Felt">What clients of the gateway felt.</param>
internal sealed record EpisodeResult(
    Fault Fault,
    int Seed,
    string Process,
    Verdict Verdict,
    TimeSpan Recovery,
    TimeSpan? Drained,
    LoadFigures Load,
    Felt Felt
)
{
    /// <summary>The figures in one line.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"seed={Seed} fault={Fault.SignalName}:{Process} {Verdict} recovery={Recovery.TotalSeconds:0.00}s drained={DrainedText} "
                + $"ghosts={Verdict.Ghosts.Count} unknown={Verdict.Unknown} "
                + $"writes/s={Load.WritesPerSecond:0} reads/s={Load.ReadsPerSecond:0} {Felt}"
        );

    private string DrainedText => Drained is { } drained ? drained.TotalSeconds.ToString("0.00s", CultureInfo.InvariantCulture) : "never";
}
