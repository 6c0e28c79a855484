namespace BackendGuide.FaultTests.Episodes;

/// <summary>Whatever dies or stands still under load, no acknowledged write is lost, and every change takes effect once and in order.</summary>
public sealed class FaultMatrixTests(FaultRun run) : IClassFixture<FaultRun>
{
    private static readonly TimeSpan EpisodeDeadline = TimeSpan.FromMinutes(8);

    public static TheoryData<FaultSignal, FaultTarget, int> Episodes =>
        [
            .. from fault in Fault.All
            where RunSettings.Current.Target is null || fault.Target == RunSettings.Current.Target
            from seed in RunSettings.Current.Seeds
            select new TheoryDataRow<FaultSignal, FaultTarget, int>(fault.Signal, fault.Target, seed),
        ];

    [Theory]
    [MemberData(nameof(Episodes))]
    public async Task System_UnderLoadWithAFault_LosesNothing(FaultSignal signal, FaultTarget target, int seed)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(EpisodeDeadline);

        var result = await run.RunAsync(new Fault(signal, target), seed, deadline.Token);

        Assert.True(result.IsGood, $"{result}\n{result.Verdict.Explain()}");
    }
}
