namespace BackendGuide.NativeHosting.Engine;

/// <summary>How long to wait before a part that has ended is started again: longer each time, but only while it does not stay healthy.</summary>
internal sealed class RestartPause
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);

    // What it waited for may be back at any moment, and a start costs a second of one core.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    // Who was healthy for this long does not fail by itself: what ended it came from outside, and may do so often.
    private static readonly TimeSpan GoodRun = TimeSpan.FromSeconds(5);
    private TimeSpan next = Shortest;

    /// <param name="healthy">How long it was healthy before it ended; zero when its start failed.</param>
    public TimeSpan After(TimeSpan healthy)
    {
        var pause = healthy < GoodRun ? next : Shortest;
        next = pause * 2 < Longest ? pause * 2 : Longest;
        return pause;
    }
}
