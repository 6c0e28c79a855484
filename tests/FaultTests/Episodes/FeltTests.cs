using BackendGuide.FaultTests.Checking;
using BackendGuide.FaultTests.Load;

namespace BackendGuide.FaultTests.Episodes;

public sealed class FeltTests
{
    private static readonly DateTimeOffset Fault = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Stop_DividesWhatWasAnsweredBeforeItWhileItLastedAndAfterIt()
    {
        SentRead[] reads =
        [
            Read(-2, 0.1, ReadOutcome.Answered),
            Read(-0.5, 3, ReadOutcome.Failed), // under way when it came
            Read(4, 0.5, ReadOutcome.Stale),
            Read(4.9, 1.5, ReadOutcome.Refused),
            Read(9, 0.2, ReadOutcome.Answered),
        ];

        var felt = Felt.Of(reads, [Write(3, 5, null), Write(9, 1, 4)], Fault, Fault.AddSeconds(5), Fault.AddSeconds(8));

        Assert.Equal((1, 2, 2), (felt.Before.Reads.Count, felt.During.Reads.Count, felt.After.Reads.Count));
        Assert.Equal((1, 1, 1), (felt.During.Stale, felt.During.Failed, felt.After.Refused));
        Assert.Equal(TimeSpan.FromSeconds(3), felt.During.ReadP99);
        Assert.Equal(TimeSpan.FromSeconds(1.4), felt.ReadsAgain);
        Assert.Equal(TimeSpan.FromSeconds(3), felt.WritesAgain);
        Assert.Single(felt.All.FailedWrites);
    }

    [Fact]
    public void Kill_LastsUntilTheSystemHasRecovered()
    {
        var felt = Felt.Of([Read(1, 1, ReadOutcome.Answered), Read(13, 1, ReadOutcome.Answered)], [], Fault, Fault, Fault.AddSeconds(12));

        Assert.Equal((0, 1, 1), (felt.Before.Reads.Count, felt.During.Reads.Count, felt.After.Reads.Count));
        Assert.Equal(TimeSpan.Zero, felt.ReadsAgain);
        Assert.Null(felt.Before.ReadP99);
    }

    private static SentRead Read(double second, double took, ReadOutcome outcome) =>
        new(Fault.AddSeconds(second), TimeSpan.FromSeconds(took), outcome);

    private static SentWrite Write(double second, double took, long? version) =>
        new("/career", "careers/a", "", Fault.AddSeconds(second), version) { Took = TimeSpan.FromSeconds(took) };
}
