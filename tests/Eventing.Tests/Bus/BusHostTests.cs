using BackendGuide.Eventing.Bus;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace BackendGuide.Eventing.Tests.Bus;

/// <summary>How long the buses are waited for when the process ends.</summary>
public sealed class BusHostTests
{
    private static readonly CancellationToken s_cancelled = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_OfABusThatNeverEnds_IsGivenUp()
    {
        var host = new BusHost(new Bus(new TaskCompletionSource().Task), NullLogger<BusHost>.Instance)
        {
            StopLimit = TimeSpan.FromMilliseconds(20),
        };

        await host.StopAsync(s_cancelled).WaitAsync(TimeSpan.FromMinutes(1), s_cancelled);
    }

    [Fact]
    public async Task Stop_OfABusThatTakesItsTime_WaitsForItsEnd()
    {
        var end = new TaskCompletionSource();
        var host = new BusHost(new Bus(end.Task), NullLogger<BusHost>.Instance) { StopLimit = TimeSpan.FromMinutes(10) };

        var stopping = host.StopAsync(s_cancelled);
        Assert.False(stopping.IsCompleted);
        end.SetResult();

        await stopping.WaitAsync(TimeSpan.FromMinutes(1), s_cancelled);
    }

    [Fact]
    public async Task Stop_OfABusThatFails_IsItsFailure()
    {
        var failed = Task.FromException(new InvalidOperationException("It failed."));
        var host = new BusHost(new Bus(failed), NullLogger<BusHost>.Instance);

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.StopAsync(s_cancelled));
    }

    private sealed class Bus(Task end) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => end;
    }
}
