using BackendGuide.CareerService.LearningPaths;
using BackendGuide.Contracts;

namespace BackendGuide.CareerService.Tests.LearningPaths;

public sealed class StepOrderTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("a; b:a; c:a,b")]
    [InlineData("a:b,c; b:d; c:d; d")] // a diamond, written from its end
    [InlineData("a:x; b:a")] // an unknown id is another's fault
    [InlineData("a; a:a")] // of two steps of one id the first counts
    public void Steps_ThatCanBeOrdered_HaveNoCycle(string steps) => Assert.Empty(StepOrder.FindCycles(Steps(steps)));

    [Theory]
    [InlineData("a:a", "a a", 0, 0)]
    [InlineData("a:b; b:a", "a b a", 1, 0)]
    [InlineData("a; b:a,d; c:b; d:a,c", "b d c b", 2, 0)]
    [InlineData("a:b; b:c; c:b", "b c b", 2, 0)]
    public void Steps_ThatWaitForEachOther_AreNamedInTheirOrder(string steps, string ids, int step, int after)
    {
        var cycle = Assert.Single(StepOrder.FindCycles(Steps(steps)));

        Assert.Equal(ids, string.Join(' ', cycle.Ids));
        Assert.Equal((step, after), (cycle.Step, cycle.After));
    }

    [Fact]
    public void TwoCycles_WithoutACommonStep_AreBothFound()
    {
        var cycles = StepOrder.FindCycles(Steps("a:b; b:a; c:d; d:c"));

        Assert.Equal(["a b a", "c d c"], cycles.Select(cycle => string.Join(' ', cycle.Ids)));
    }

    [Fact]
    public void Cycles_AmongStepsThatAllWaitForAll_AreReportedOnce()
    {
        var ids = Enumerable.Range(0, 60).Select(n => $"s{n}").ToArray();

        var cycles = StepOrder.FindCycles([.. ids.Select(id => Step(id, ids))]);

        Assert.True(cycles.Sum(cycle => cycle.Ids.Count - 1) <= ids.Length);
    }

    [Fact]
    public void AChain_OfFiftyThousandSteps_IsFollowedToItsEnd()
    {
        const int Count = 50_000;
        var chain = Enumerable.Range(0, Count).Select(n => Step($"s{n}", n + 1 < Count ? $"s{n + 1}" : "s0")).ToList();

        var cycle = Assert.Single(StepOrder.FindCycles(chain));

        Assert.Equal(Count + 1, cycle.Ids.Count);
    }

    [Fact]
    public void ACycle_InABody_IsAFaultThatNamesIt()
    {
        var (_, faults) = Bodies.Read(
            Bodies.WithPath("""[{"id":"sql","title":"1","after":["apis"]},{"id":"apis","title":"2","after":["sql"]}]""")
        );

        var (path, messages) = Assert.Single(faults);
        Assert.Equal("$.learningPath[1].after[0]", path);
        Assert.Equal(["closes a cycle: sql after apis after sql"], messages);
    }

    /// <summary><c>a; b:a</c> is a, then b after a.</summary>
    private static List<LearningStep> Steps(string text) =>
        [.. text.Split("; ").Select(step => step.Split(':')).Select(step => Step(step[0], step.Length > 1 ? step[1].Split(',') : []))];

    private static LearningStep Step(string id, params string[] after) => new(id, id, "", [], after, []);
}
