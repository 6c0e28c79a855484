using BackendGuide.Eventing.Evicting;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Eventing.Tests.Evicting;

public sealed class PositionRunTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Run_OfPositionsInAnyOrderAndTwice_EndsWhereTheFirstIsMissing()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var run = new PositionRun(10, _time);
            var positions = Enumerable
                .Range(5, 40)
                .Concat(Enumerable.Range(5, 40))
                .Select(from => (from, to: from + random.Next(4)))
                .ToArray();
            random.Shuffle(positions);
            HashSet<long> come = [];
            foreach (var (from, to) in positions.Where(_ => random.Next(4) > 0))
            {
                run.Add(from, to);
                for (var position = from; position <= to; position++)
                {
                    come.Add(position);
                }
                Assert.Equal(Enumerable.Range(11, 100).First(position => !come.Contains(position)) - 1, run.End);
            }
        }
    }

    [Fact]
    public void Hole_ThatNothingIsKnownBehind_IsNoLoss()
    {
        var run = new PositionRun(10, _time);
        run.Expect(10);
        Assert.False(HasLostAfter(run, s_patience * 10));
    }

    [Fact]
    public void Hole_ThatStaysLongerThanPatience_IsALossAndIsGivenUp()
    {
        var run = new PositionRun(10, _time);
        run.Add(12, 13);
        run.Expect(13);

        Assert.False(HasLostAfter(run, s_patience));
        Assert.True(HasLostAfter(run, TimeSpan.FromMilliseconds(1)));
        run.SkipLost();

        Assert.Equal(13, run.End);
        Assert.False(HasLostAfter(run, s_patience * 10));
        run.Add(14, 14);
        Assert.Equal(14, run.End);
    }

    [Fact]
    public void Hole_ThatIsFilledInTimeWhileAnotherOpens_IsGivenItsOwnTime()
    {
        var run = new PositionRun(10, _time);
        run.Expect(12);
        Assert.False(HasLostAfter(run, s_patience));

        run.Add(11, 11);

        Assert.False(HasLostAfter(run, s_patience));
        Assert.True(HasLostAfter(run, TimeSpan.FromMilliseconds(1)));
    }

    private bool HasLostAfter(PositionRun run, TimeSpan time)
    {
        run.HasLost(s_patience); // it is looked at often: what it sees first is when it begins
        _time.Advance(time);
        return run.HasLost(s_patience);
    }
}
