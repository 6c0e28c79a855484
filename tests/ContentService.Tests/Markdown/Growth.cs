using System.Runtime.InteropServices;

namespace BackendGuide.ContentService.Tests.Markdown;

/// <summary>How the cost of something grows with its size, in processor time of its own thread: what else the machine does is no part of it.</summary>
internal static class Growth
{
    private const int Rounds = 15;

    // Whose caches others empty all the time needs more of them until one is not disturbed. What grows with the square does so in each.
    private const int MostRounds = 150;

    /// <summary>What is between growing with the size and with its square.</summary>
    public const double MostOfLinear = 3;

    private const int ThreadProcessorTime = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>What twice the size costs, over what the size does: 2 where it grows with the size, 4 where with its square.</summary>
    /// <remarks>The two are measured by turns, and the least of each counts: nothing makes a run shorter than it is, and much makes it longer.</remarks>
    public static double Of(Action<int> work, int size)
    {
        var (least, leastOfTwice) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var round = 0; round < Rounds || (round < MostRounds && leastOfTwice / least > MostOfLinear); round++)
        {
            least = Least(least, () => work(size));
            leastOfTwice = Least(leastOfTwice, () => work(2 * size));
        }
        return leastOfTwice / least;
    }

    private static TimeSpan Least(TimeSpan least, Action work)
    {
        var before = Spent();
        work();
        var spent = Spent() - before;
        return spent < least ? spent : least;
    }

    private static TimeSpan Spent() =>
        ReadClock(ThreadProcessorTime, out var time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / 100)
            : throw new PlatformNotSupportedException("No clock of the thread's processor time.");

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ReadClock(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
