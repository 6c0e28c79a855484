using System.Diagnostics;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>How the cost of something grows with its size, measured so that it matters little what else the machine does.</summary>
internal static class Growth
{
    private const int Rounds = 15;

    /// <summary>What twice the size costs, over what the size does: 2 where it grows with the size, 4 where with its square.</summary>
    /// <remarks>The two are measured by turns, and the least of each counts: nothing makes a run shorter than it is, and much makes it longer.</remarks>
    public static double Of(Action<int> work, int size)
    {
        var (least, leastOfTwice) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            least = Least(least, () => work(size));
            leastOfTwice = Least(leastOfTwice, () => work(2 * size));
        }
        return leastOfTwice / least;
    }

    private static TimeSpan Least(TimeSpan least, Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed < least ? watch.Elapsed : least;
    }
}
