using System.Collections.Concurrent;
using System.Diagnostics;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Relaying;

/// <summary>What an instance commits that does not lead: nobody wakes the leader for it, only its own poll finds it.</summary>
public sealed class ForeignCommitTests(ServersFixture servers) : IAsyncLifetime
{
    private const int Count = 50;

    // Far from what it takes (two polls of 20 ms at most), and far from what it would take without the poll.
    private static readonly TimeSpan s_median = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_worst = Sizes.Pick(quick: TimeSpan.FromSeconds(4), full: TimeSpan.FromSeconds(2));

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> _delivered = new();
    private TwoServices _services = null!;

    public async ValueTask InitializeAsync() => _services = await TwoServices.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Event_OfAnInstanceThatDoesNotLead_IsDeliveredSoon()
    {
        await _services.StartConsumerAsync(
            servers,
            _cancelled,
            async (transaction, envelope, thing, cancellationToken) =>
            {
                await Things.ApplyAsync(transaction, envelope, thing, cancellationToken);
                Delivery(thing.Slug).TrySetResult(Stopwatch.GetTimestamp());
            },
            new Dictionary<string, string> { ["HoleAge"] = "00:05:00" } // the relay's way alone
        );
        var leader = await _services.StartProducerAsync(_cancelled);
        var first = Guid.CreateVersion7();
        await leader.SaveAsync(first, "by the leader", _cancelled);
        await Delivery(Things.SlugOf(first)).Task.WaitAsync(TwoServices.Deadline, _cancelled);
        var other = await _services.StartProducerAsync(_cancelled);

        List<TimeSpan> delays = [];
        for (var i = 0; i < Count; i++)
        {
            var id = Guid.CreateVersion7();
            await other.SaveAsync(id, $"Title {i}", _cancelled);
            var committed = Stopwatch.GetTimestamp();
            var at = await Delivery(Things.SlugOf(id)).Task.WaitAsync(TwoServices.Deadline, _cancelled);
            delays.Add(Stopwatch.GetElapsedTime(committed, at));
        }

        Assert.False(other.HasLed);
        delays.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"commit to delivered: median {delays[Count / 2].TotalMilliseconds:0} ms, worst {delays[^1].TotalMilliseconds:0} ms"
        );
        Assert.InRange(delays[Count / 2], TimeSpan.MinValue, s_median);
        Assert.InRange(delays[^1], TimeSpan.MinValue, s_worst);
    }

    private TaskCompletionSource<long> Delivery(string slug) =>
        _delivered.GetOrAdd(slug, _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));
}
