using System.Diagnostics;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>Keeps one part running: when its process ends unasked, it is started again after a pause that doubles while that fails.</summary>
internal sealed class Supervisor(ISupervised part, EngineConsole console, Action changed)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    // Who ran this long had a good start: the next end is a new story.
    private static readonly TimeSpan GoodRun = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken stopping)
    {
        var pause = ShortestPause;
        while (!stopping.IsCancellationRequested)
        {
            var since = Stopwatch.StartNew();
            var exitCode = await part.Exited.WaitAsync(stopping);
            if (since.Elapsed > GoodRun)
            {
                pause = ShortestPause;
            }
            console.Line($"{part.Name} ended with exit code {exitCode}; it is started again in {pause.TotalSeconds:0.#} s.");
            await Task.Delay(pause, stopping);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            await RestartAsync(stopping);
        }
    }

    private async Task RestartAsync(CancellationToken stopping)
    {
        try
        {
            await part.StartAsync(stopping);
            console.Line($"{part.Name} is healthy again.");
        }
        catch (NativeHostingException fault)
        {
            console.Line(fault.Message);
            await part.StopAsync();
        }
        finally
        {
            changed();
        }
    }
}
