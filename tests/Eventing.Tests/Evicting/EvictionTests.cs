using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;

namespace BackendGuide.Eventing.Tests.Evicting;

public sealed class EvictionTests
{
    private static readonly Guid s_epoch = Guid.NewGuid();

    [Fact]
    public void Eviction_AndTheNextOne_JoinToBothTheirPositionsTagsAndChanges()
    {
        var joined = Of(4, 5, "a", "b").TryJoin(Of(6, 6, "b", "c"));

        Assert.NotNull(joined);
        Assert.Equal((4, 6, 6), (joined.From, joined.To, joined.Floor));
        Assert.Equal(["a", "b", "c"], joined.Tags);
        Assert.Equal([5, 6], joined.Changes.Select(change => change.Position));
    }

    [Fact]
    public void Eviction_ThatIsNotTheNext_IsNotJoined()
    {
        var first = Of(4, 5, "a");
        Assert.Null(first.TryJoin(Of(7, 7, "a")));
        Assert.Null(first.TryJoin(Of(5, 6, "a")));
        Assert.Null(first.TryJoin(Of(6, 6, "a") with { Epoch = Guid.NewGuid() }));
        Assert.Null(first.TryJoin(Of(6, 6, "a") with { Source = EventSources.Career }));
        Assert.Null(first.TryJoin(Of(6, 6, "a") with { By = "career" }));
    }

    [Fact]
    public void Eviction_WithoutPositions_IsNeverJoined()
    {
        var behind = Of(6, 5, "a"); // a heartbeat, or what changed without an event
        Assert.Null(Of(4, 5, "b").TryJoin(behind));
        Assert.Null(behind.TryJoin(Of(6, 6, "b")));
        Assert.Equal(6, behind.Floor);
    }

    [Fact]
    public void Evictions_WithTooManyTagsTogether_StayApart()
    {
        string[] many = [.. Enumerable.Range(0, 1_500).Select(i => $"tag:{i}")];
        Assert.Null(Of(1, 1, many).TryJoin(Of(2, 2, many)));
        Assert.NotNull(Of(1, 1, many).TryJoin(Of(2, 2, "a")));
    }

    [Fact]
    public void Eviction_WrittenAndRead_IsTheSame()
    {
        var eviction = Of(4, 6, "guide:a", "guides");
        var read = EvictionExchange.Read(EvictionExchange.Write(eviction));
        Assert.Equivalent(eviction, read, strict: true);
        Assert.Null(EvictionExchange.Read("{}"u8));
        Assert.Null(EvictionExchange.Read("no json"u8));
    }

    private static Eviction Of(long from, long to, params string[] tags) =>
        new("content", EventSources.Content, s_epoch, from, to, tags, [new EvictedChange(to, "changed", DateTime.UnixEpoch, null)]);
}
