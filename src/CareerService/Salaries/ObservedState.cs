using BackendGuide.CareerService.Salaries.Statistics;

namespace BackendGuide.CareerService.Salaries;

/// <summary>Whether what was observed is told.</summary>
internal static class ObservedState
{
    public const string Observed = "observed";

    /// <summary>So few observations that one of them could be seen in their percentiles.</summary>
    public const string Withheld = "withheld";

    public static string Of(long sampleSize) => sampleSize < SampleStatistics.MinSize ? Withheld : Observed;
}
