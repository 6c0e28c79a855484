using BackendGuide.FaultTests.Checking;
using BackendGuide.FaultTests.Load;

namespace BackendGuide.FaultTests.Episodes;

public sealed class FaultTableTests
{
    [Fact]
    public void Table_OfSeveralRuns_AddsUpEachFaultInARowOfItsOwn()
    {
        var kill = new Fault(FaultSignal.Kill, FaultTarget.Career);
        var stop = new Fault(FaultSignal.Stop, FaultTarget.Gateway);

        var table = FaultTable.Format([Result(kill, 1.5, lost: 1), Result(kill, 0.25), Result(stop, 3)]).Split('\n');

        Assert.Equal(4, table.Length);
        Assert.Equal(
            ["SIGKILL:Career", "2", "20", "22", "1", "4", "0", "0", "0", "0.25 s", "1.50 s"],
            table[2].Trim('|').Split('|').Select(cell => cell.Trim())
        );
        Assert.StartsWith("| SIGSTOP:Gateway |    1 |", table[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, 3)]
    [InlineData(0.99, 5)]
    [InlineData(0, 1)]
    public void Percentile_OfFiveValues_IsOneOfThem(double part, int seconds)
    {
        TimeSpan[] values = [.. new[] { 4, 1, 5, 2, 3 }.Select(value => TimeSpan.FromSeconds(value))];

        Assert.Equal(TimeSpan.FromSeconds(seconds), FaultTable.Percentile(values, part));
    }

    private static EpisodeResult Result(Fault fault, double recovery, int lost = 0)
    {
        string[] findings = [.. Enumerable.Repeat("lost", lost)];
        var verdict = new Verdict(10, 1, 11, 2, findings, [], [], [], [], [], [], [], []);
        return new EpisodeResult(
            fault,
            1,
            "process",
            verdict,
            TimeSpan.FromSeconds(recovery),
            TimeSpan.Zero,
            new LoadFigures(1, 1, 1, 0),
            Felt.Of([], [], default, default, default)
        );
    }
}
