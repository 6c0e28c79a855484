using System.Globalization;

namespace BackendGuide.Gateway.Bench;

/// <summary>
/// What was taken of this machine's cores by others that share them, as its kernel counts it (<c>steal</c> in <c>/proc/stat</c>): while they have a
/// core, whoever was on it stands still. Nothing where a kernel does not count it.
/// </summary>
/// <param name="Ticks">That others had, since the machine runs.</param>
/// <param name="All">That there were, of all cores.</param>
internal readonly record struct Stolen(long Ticks, long All)
{
    /// <summary>What is measured with more than that share taken is measured again.</summary>
    public const double Most = 0.02;

    private const string Counters = "/proc/stat";

    // user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in the first two as well.
    private const int Kinds = 8;

    public static Stolen Now()
    {
        if (!File.Exists(Counters))
        {
            return default;
        }
        var ticks = File.ReadLines(Counters)
            .First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]
            .Take(Kinds)
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture))
            .ToList();
        return new Stolen(ticks.Count == Kinds ? ticks[^1] : 0, ticks.Sum());
    }

    /// <summary>The share of all cores since then, from 0 to 1.</summary>
    public double Share()
    {
        var now = Now();
        return now.All > All ? (double)(now.Ticks - Ticks) / (now.All - All) : 0;
    }

    /// <summary>Measures until others have had no more than <see cref="Most"/> of the cores meanwhile.</summary>
    /// <param name="measure">Does it once.</param>
    /// <param name="mostRuns">How often at most.</param>
    /// <returns>What was measured while they had least, and the share that they had.</returns>
    public static async Task<(T Measured, double Taken)> LeastAsync<T>(Func<Task<T>> measure, int mostRuns)
    {
        var runs = new List<(T Measured, double Taken)>();
        do
        {
            var before = Now();
            var measured = await measure();
            runs.Add((measured, before.Share()));
        } while (runs[^1].Taken > Most && runs.Count < mostRuns);
        return runs.MinBy(run => run.Taken);
    }
}
