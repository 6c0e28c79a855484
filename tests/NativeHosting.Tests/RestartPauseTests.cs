using BackendGuide.NativeHosting.Engine;

namespace BackendGuide.NativeHosting.Tests;

public sealed class RestartPauseTests
{
    [Fact]
    public void Pause_after_failed_starts_grows_to_5_seconds()
    {
        var pause = new RestartPause();

        var pauses = Enumerable.Range(0, 7).Select(_ => pause.After(TimeSpan.Zero).TotalSeconds);

        Assert.Equal([0.5, 1, 2, 4, 5, 5, 5], pauses);
    }

    [Fact]
    public void Pause_after_every_good_run_is_the_shortest()
    {
        var pause = new RestartPause();

        var pauses = Enumerable.Range(0, 5).Select(_ => pause.After(TimeSpan.FromSeconds(5)).TotalSeconds);

        Assert.Equal([0.5, 0.5, 0.5, 0.5, 0.5], pauses);
    }

    [Fact]
    public void Pause_after_a_good_run_begins_anew()
    {
        var pause = new RestartPause();
        pause.After(TimeSpan.Zero);
        pause.After(TimeSpan.Zero);

        Assert.Equal(0.5, pause.After(TimeSpan.FromSeconds(6)).TotalSeconds);
        Assert.Equal(1, pause.After(TimeSpan.FromSeconds(4)).TotalSeconds);
    }
}
