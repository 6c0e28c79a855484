using BackendGuide.FaultTests.Checking;
using BackendGuide.Testing;

namespace BackendGuide.FaultTests.Controls;

/// <summary>
/// Negative controls: readers that are wrong, under the same load as one that is right. If the checker found nothing in them, it would
/// prove nothing in the real runs either.
/// </summary>
[Collection("servers")]
public sealed class CursorControlTests(ServersFixture servers)
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Checker_OfACursorOverSequenceNumbers_ReportsLostEvents()
    {
        var verdict = await FollowAsync(Follower.BySequence);

        Assert.InRange(verdict.Lost.Count, 100, verdict.Events);
    }

    [Fact]
    public async Task Checker_OfACursorOverTransactionNumbers_ReportsOrderBreaks()
    {
        var verdict = await FollowAsync(Follower.ByTransaction);

        Assert.Empty(verdict.Lost);
        Assert.InRange(verdict.OrderBreaks.Count, 10, verdict.Events);
    }

    [Fact]
    public async Task Checker_OfACursorOverPositions_ReportsNothing()
    {
        var verdict = await FollowAsync(Follower.ByPosition);

        Assert.InRange(verdict.Events, 1_600, 1_800);
        Assert.Equal(verdict.Events, verdict.Acknowledged);
        Assert.Equal((0, 0, 0), (verdict.Lost.Count, verdict.Holes.Count, verdict.OrderBreaks.Count));
        Assert.Empty(verdict.Ghosts);
    }

    // Nothing is copied here, so the projections differ from their source: that is another control's.
    private async Task<Verdict> FollowAsync(string cursorSql)
    {
        await using var control = await ControlDatabase.CreateAsync(servers, _cancelled);
        var writing = new ConcurrentWriters(control.Database, RunSettings.Current.Seeds[0], TimeProvider.System).RunAsync(_cancelled);
        var deliveries = await new Follower(control.Database, cursorSql).FollowAsync(writing, _cancelled);
        var verdict = await control.CheckAsync(await writing, deliveries, _cancelled);
        TestContext.Current.TestOutputHelper?.WriteLine(verdict.ToString());
        return verdict;
    }
}
