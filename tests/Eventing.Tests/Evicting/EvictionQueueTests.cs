using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;

namespace BackendGuide.Eventing.Tests.Evicting;

public sealed class EvictionQueueTests : IDisposable
{
    private static readonly Guid s_epoch = Guid.NewGuid();

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly EvictionQueue _queue = new();

    [Fact]
    public async Task Neighbours_ThatWaitTogether_AreTakenAsOneAndCompleteTogether()
    {
        var announced = new[] { Of(1, 1), Of(2, 3), Of(5, 5) }.Select(_queue.Add).ToList();

        var taken = await _queue.TakeAsync(_cancelled);
        Assert.Equal([(1L, 3L), (5L, 5L)], taken.Select(one => (one.Eviction.From, one.Eviction.To)));
        Assert.True(_queue.IsEmpty);
        taken[0].Done();

        Assert.Equal([true, true, false], announced.Select(one => one.IsCompleted));
    }

    [Fact]
    public async Task Announcement_ThatIsGivenBack_ComesBeforeWhatCameMeanwhile()
    {
        var first = _queue.Add(Of(1, 1));
        var taken = await _queue.TakeAsync(_cancelled);
        _ = _queue.Add(Of(7, 7));

        _queue.Return(taken);
        var again = await _queue.TakeAsync(_cancelled);
        Assert.Equal([1L, 7L], again.Select(one => one.Eviction.From));
        again[0].Done();

        Assert.True(first.IsCompleted);
    }

    [Fact]
    public async Task Taker_WhoWaits_IsWokenByTheNext()
    {
        var taking = _queue.TakeAsync(_cancelled);
        Assert.False(taking.IsCompleted);

        _ = _queue.Add(Of(1, 1));

        Assert.Single(await taking.WaitAsync(TimeSpan.FromSeconds(30), _cancelled));
    }

    [Fact]
    public async Task Queue_ThatGrowsTooLong_EvictsEverythingOfEachSourceAndCompletesAll()
    {
        List<Task> announced = [];
        for (var position = 1; position <= 10_001; position++)
        {
            announced.Add(_queue.Add(Of(position * 2, position * 2)));
        }
        announced.Add(_queue.Add(Of(1, 1) with { Source = EventSources.Career }));

        var taken = await _queue.TakeAsync(_cancelled);
        Assert.Equal([(2L, 20_002L), (1L, 1L)], taken.Select(one => (one.Eviction.From, one.Eviction.To)));
        Assert.Equal([Eviction.Everything], taken[0].Eviction.Tags);
        foreach (var one in taken)
        {
            one.Done();
        }

        Assert.All(announced, one => Assert.True(one.IsCompleted));
    }

    public void Dispose() => _queue.Dispose();

    private static Eviction Of(long from, long to) => new("content", EventSources.Content, s_epoch, from, to, [$"tag:{from}"], []);
}
