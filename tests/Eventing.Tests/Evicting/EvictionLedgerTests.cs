using BackendGuide.Contracts;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Eventing.Tests.Evicting;

public sealed class EvictionLedgerTests
{
    private const string By = "content";
    private const string Content = EventSources.Content;
    private const string Career = EventSources.Career;

    private static readonly Guid s_epoch = Guid.NewGuid();
    private static readonly Guid s_careers = Guid.NewGuid();

    private readonly FakeTimeProvider _time = new();
    private readonly EvictionLedger _ledger;

    public EvictionLedgerTests() => _ledger = new EvictionLedger(_time, TimeSpan.FromMinutes(3));

    [Fact]
    public void Answer_OfAServiceThatHasNotBegun_IsNotCurrent()
    {
        Assert.False(IsCurrent(At(5, 5), "a"));
        _ledger.Begin(By, At(5, 5));
        Assert.True(IsCurrent(At(5, 5), "a"));
        Assert.False(IsCurrent(At(4, 5), "a"));
    }

    [Fact]
    public void Answer_WithAnEvictedTag_IsCurrentOnlyWhereItWasReadThereOrLater()
    {
        _ledger.Begin(By, At(5, 5));
        _ledger.Take(Of(Content, 6, 7, "a"));

        Assert.False(IsCurrent(At(6, 5), "a", "b"));
        Assert.True(IsCurrent(At(6, 5), "b"));
        Assert.True(IsCurrent(At(7, 5), "a"));
        Assert.Equal(At(7, 5), _ledger.Reached(By));
    }

    [Fact]
    public void Announcement_ThatComesAgainOrLate_LowersNothing()
    {
        _ledger.Begin(By, At(5, 5));
        _ledger.Take(Of(Content, 7, 7, "a"));
        Assert.Equal(At(5, 5), _ledger.Reached(By));
        _ledger.Take(Of(Content, 6, 6, "a"));
        _ledger.Take(Of(Content, 6, 6, "a"));
        _ledger.Take(Of(Content, 3, 4, "a"));

        Assert.Equal(At(7, 5), _ledger.Reached(By));
        Assert.False(IsCurrent(At(6, 5), "a"));
        Assert.True(IsCurrent(At(7, 5), "a"));
    }

    [Fact]
    public void Tags_OfMoreThanAreKept_MakeAllFromBeforeOldAndNothingFromAfterwards()
    {
        _ledger.Begin(By, At(0, 0));
        for (var position = 1; position <= EvictionFloors.MostFloors; position++)
        {
            _ledger.Take(Of(Content, position, position, $"tag-{position}"));
        }
        Assert.True(IsCurrent(At(1, 0), "tag-1")); // each by itself, up to there
        Assert.False(IsCurrent(At(1, 0), "tag-2"));

        var last = EvictionFloors.MostFloors + 2;
        _ledger.Take(Of(Content, last - 1, last - 1, "one more"));
        _ledger.Take(Of(Content, last, last, "and one more"));

        Assert.False(IsCurrent(At(1, 0), "tag-1"));
        Assert.False(IsCurrent(At(last - 2, 0), "never evicted"));
        Assert.True(IsCurrent(At(last - 1, 0), "tag-1", "tag-2", "never evicted", "one more"));
        Assert.False(IsCurrent(At(last - 1, 0), "and one more"));
        Assert.True(IsCurrent(At(last, 0), "and one more"));
    }

    [Fact]
    public void Everything_Evicted_MakesAllFromBeforeOld()
    {
        _ledger.Begin(By, At(5, 5));
        _ledger.Take(Of(Career, 6, 5, Eviction.Everything));

        Assert.False(IsCurrent(At(9, 5), "a"));
        Assert.True(IsCurrent(At(9, 6), "a"));
    }

    [Fact]
    public void Hole_InACopy_IsNoLossUntilTheServiceSaysThatItIsPastIt()
    {
        _ledger.Begin(By, At(5, 5));
        _ledger.Take(Of(Career, 7, 9, "a")); // 6 is still tried
        _ledger.Take(Eviction.Heartbeat(By, Career, s_careers, 5));
        Assert.Empty(_ledger.FindLosses());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(_ledger.FindLosses());
        Assert.True(IsCurrent(At(5, 5), "b"));

        _ledger.Take(Eviction.Heartbeat(By, Career, s_careers, 9));
        Assert.Empty(_ledger.FindLosses());
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal([By], _ledger.FindLosses());
        Assert.False(IsCurrent(At(5, 5), "b"));
    }

    [Fact]
    public void Hole_ThatAHeartbeatReveals_IsALossAfterTwoSeconds()
    {
        _ledger.Begin(By, At(5, 5));
        _ledger.Take(Eviction.Heartbeat(By, Content, s_epoch, 7));
        Assert.Empty(_ledger.FindLosses());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(_ledger.FindLosses());
        Assert.True(IsCurrent(At(5, 5), "a"));

        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal([By], _ledger.FindLosses());
        Assert.False(IsCurrent(At(6, 5), "a"));
        Assert.True(IsCurrent(At(7, 5), "a"));
        Assert.Empty(_ledger.FindLosses());
    }

    [Fact]
    public void Announcements_HeardBetweenListeningAndTheAnswer_CountAsHeard()
    {
        _ledger.Prepare();
        _ledger.Take(Of(Content, 7, 7, "a"));
        Assert.True(_ledger.Begin(By, At(5, 5)));

        Assert.Equal(At(7, 5), _ledger.Reached(By));
        Assert.False(IsCurrent(At(6, 5), "b"));
        Assert.True(IsCurrent(At(7, 5), "a"));
    }

    [Fact]
    public void AnnouncementOfAnotherHistory_LeavesNothingCurrentUntilTheServiceHasSaidWhereItIs()
    {
        _ledger.Begin(By, At(5, 5));
        var restored = Guid.NewGuid();

        Assert.False(_ledger.Take(Of(Career, 3, 3, "a") with { Epoch = restored }));
        Assert.False(IsCurrent(At(9, 9), "b"));
        Assert.False(IsCurrent(At(9, 9, restored), "b"));
        Assert.True(_ledger.Begin(By, At(5, 3, restored)));

        Assert.True(IsCurrent(At(5, 3, restored), "a"));
        Assert.False(IsCurrent(At(5, 5), "a"));
    }

    [Fact]
    public void LateAnnouncementOfAHistoryThatIsOver_BringsNothingOfItBack()
    {
        _ledger.Begin(By, At(5, 5));
        var restored = Guid.NewGuid();
        _ledger.Take(Of(Career, 6, 5, Eviction.Everything) with { Epoch = restored });
        _ledger.Begin(By, At(5, 5, restored));
        _ledger.Take(Of(Content, 6, 6, "a"));

        _ledger.Take(Of(Career, 6, 6, "b"));
        Assert.False(IsCurrent(At(9, 9), "c"));
        _ledger.Prepare();
        _ledger.Begin(By, At(6, 6, restored));

        Assert.False(IsCurrent(At(9, 9), "c"));
        Assert.False(IsCurrent(At(5, 6, restored), "a"));
        Assert.True(IsCurrent(At(6, 6, restored), "a"));
    }

    [Fact]
    public void Positions_OfAnotherHistoryThanWasHeardOfMeanwhile_AreAskedForAgain()
    {
        _ledger.Prepare();
        _ledger.Take(Of(Career, 6, 6, "a") with { Epoch = Guid.NewGuid() });

        Assert.False(_ledger.Begin(By, At(5, 5)));
        Assert.False(IsCurrent(At(5, 5), "a"));
        Assert.True(_ledger.Begin(By, At(5, 5)));
        Assert.True(IsCurrent(At(5, 5), "a"));
    }

    [Fact]
    public void NewHistoryOfOneSource_LeavesTheFloorsOfTheOther()
    {
        _ledger.Begin(By, At(5, 5));
        _ledger.Evict(By, Content, new FeedPosition(s_epoch, 6), ["a"]);
        _ledger.Take(Of(Career, 6, 6, "a"));
        var restored = Guid.NewGuid();

        _ledger.Take(Of(Career, 3, 3, "b") with { Epoch = restored });
        _ledger.Begin(By, At(5, 3, restored));

        Assert.False(IsCurrent(At(5, 3, restored), "a"));
        Assert.True(IsCurrent(At(6, 3, restored), "a"));
    }

    [Fact]
    public void Floors_ThatAreTooMany_GiveWayToOneThatIsAtLeastAsHigh()
    {
        _ledger.Begin(By, At(5, 5));
        _ledger.Take(Of(Content, 8, 8, "behind a hole"));
        for (var i = 0; i <= 100; i++)
        {
            _ledger.Take(Of(Career, 6, 5, [.. Enumerable.Range(i * 2_000, 2_000).Select(tag => $"tag:{tag}")]));
        }
        _ledger.Take(Of(Content, 6, 7, "filled"));

        Assert.Equal(At(8, 5), _ledger.Reached(By));
        Assert.False(IsCurrent(At(5, 6), "behind a hole"));
        Assert.False(IsCurrent(At(5, 6), "tag:1"));
        Assert.True(IsCurrent(At(8, 6), "behind a hole", "tag:1"));
    }

    [Fact]
    public void Floor_IsKeptForAsLongAsAnAnswerCanBeAnywhereAndNotMuchLonger()
    {
        _ledger.Begin(By, At(5, 5));
        _ledger.Take(Of(Career, 6, 5, "a"));
        _time.Advance(TimeSpan.FromMinutes(3));
        _ledger.Take(Eviction.Heartbeat(By, Content, s_epoch, 5));
        Assert.False(IsCurrent(At(5, 5), "a"));

        _time.Advance(TimeSpan.FromMinutes(1));
        _ledger.Take(Eviction.Heartbeat(By, Content, s_epoch, 5));

        Assert.True(IsCurrent(At(5, 5), "a"));
    }

    private bool IsCurrent(ChangeCursor since, params string[] tags) => _ledger.IsCurrent(By, since, since, tags);

    private static ChangeCursor At(long content, long career, Guid? careers = null) =>
        ChangeCursor.Start.With(Content, new FeedPosition(s_epoch, content)).With(Career, new FeedPosition(careers ?? s_careers, career));

    private static Eviction Of(string source, long from, long to, params string[] tags) =>
        new(By, source, source == Content ? s_epoch : s_careers, from, to, tags, []);
}
