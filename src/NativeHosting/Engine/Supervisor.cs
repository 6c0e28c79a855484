using System.Diagnostics;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>Keeps one part running: when its process ends unasked, it is started again after a pause.</summary>
/// <param name="part">What is kept running.</param>
/// <param name="console">Where ends and starts are said.</param>
/// <param name="changed">Called when the part has another process, which need not be healthy yet.</param>
internal sealed class Supervisor(ISupervised part, EngineConsole console, Action changed)
{
    private readonly RestartPause pause = new();

    public async Task RunAsync(CancellationToken stopping)
    {
        var healthySince = Stopwatch.GetTimestamp();
        while (true)
        {
            var exitCode = await part.Exited.WaitAsync(stopping);
            var rest = pause.After(Stopwatch.GetElapsedTime(healthySince));
            console.Line($"{part.Name} ended with exit code {exitCode}; it is started again in {rest.TotalSeconds:0.#} s.");
            await Task.Delay(rest, stopping);
            while (!await TryRestartAsync(stopping))
            {
                rest = pause.After(TimeSpan.Zero);
                console.Line($"{part.Name} is started again in {rest.TotalSeconds:0.#} s.");
                await Task.Delay(rest, stopping);
            }
            healthySince = Stopwatch.GetTimestamp();
        }
    }

    private async Task<bool> TryRestartAsync(CancellationToken stopping)
    {
        try
        {
            await part.StartAsync(changed, stopping);
            console.Line($"{part.Name} is healthy again.");
            return true;
        }
        // Whatever it is (a full disk, no memory for a process), the next try may do better; a part without its supervisor would stay away.
        catch (Exception fault) when (!(fault is OperationCanceledException && stopping.IsCancellationRequested))
        {
            console.Line(fault is NativeHostingException ? fault.Message : $"{part.Name} could not be started: {fault.Message}");
            await part.StopAsync();
            return false;
        }
    }
}
