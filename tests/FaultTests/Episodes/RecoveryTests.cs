using BackendGuide.FaultTests.Checking;

namespace BackendGuide.FaultTests.Episodes;

public sealed class RecoveryTests
{
    private static readonly DateTimeOffset End = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Recovery_OfWritesBeforeAndAfterTheEnd_IsThatOfTheFirstAppliedAfterIt()
    {
        SentWrite[] writes = [Write("careers/a", -1, 5), Write("careers/a", 1, 6), Write("careers/b", 2, 3)];
        Effect[] effects = [Applied("careers/a", 3, 5), Applied("careers/b", 4, 3), Applied("careers/a", 9, 6)];

        Assert.Equal(TimeSpan.FromSeconds(4), Recovery.Find(writes, effects, End));
    }

    [Fact]
    public void Recovery_OfAWriteWhoseSuccessorIsApplied_CountsTheSuccessor() =>
        Assert.Equal(TimeSpan.FromSeconds(3), Recovery.Find([Write("careers/a", 1, 6)], [Applied("careers/a", 3, 8)], End));

    [Fact]
    public void Recovery_OfAWriteOfUnknownOutcome_IsNone() =>
        Assert.Null(Recovery.Find([Write("careers/a", 1, null)], [Applied("careers/a", 3, 6)], End));

    [Fact]
    public void Recovery_WhileNothingIsApplied_IsNone() => Assert.Null(Recovery.Find([Write("careers/a", 1, 6)], [], End));

    private static SentWrite Write(string subject, int second, long? version) =>
        new("/career", subject, "", End.AddSeconds(second), version);

    private static Effect Applied(string subject, int second, long version) => new(second, subject, version, End.AddSeconds(second));
}
