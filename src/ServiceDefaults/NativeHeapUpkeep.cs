using Microsoft.Extensions.Hosting;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// Gives back, each minute, what of the C library's heap is free: what compiling takes for a moment would else stay this process's, a tenth of what a
/// gateway has for itself.
/// </summary>
internal sealed class NativeHeapUpkeep(TimeProvider time) : IHostedService, IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private ITimer? _beat;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (NativeHeap.IsTrimmed)
        {
            _beat = time.CreateTimer(static _ => NativeHeap.GiveBack(), state: null, s_interval, s_interval);
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _beat?.Dispose();
}
