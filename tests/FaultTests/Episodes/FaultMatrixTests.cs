namespace BackendGuide.FaultTests.Episodes;

/// <summary>Whatever dies or stands still under load, no acknowledged write is lost, and every change takes effect once and in order.</summary>
[Collection("system")]
public sealed class FaultMatrixTests(FaultRun run)
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

        Assert.True(result.Verdict.IsClean && result.Drained is not null, $"{result}\n{result.Verdict.Explain()}");
        Assert.True(result.Recovery <= RunSettings.Current.RecoveryLimit, $"{result}\nThe recovery took too long.");
        AssertPromisesToClients(result);
    }

    // Whatever dies, reads outlive it (promise 5 of the design).
    private static void AssertPromisesToClients(EpisodeResult result)
    {
        var (target, felt) = (result.Fault.Target, result.Felt.All);
        if (target is FaultTarget.RabbitMq or FaultTarget.Redis)
        {
            Assert.True(
                result.Verdict.Unknown == 0,
                $"{result}\nNo write needs {target}, and yet some failed:\n{Felt.LinesOf(felt.FailedWrites)}"
            );
        }
        if (target is FaultTarget.RabbitMq or FaultTarget.Redis || result.Fault.IsOfAService)
        {
            Assert.True(felt.Refused == 0, $"{result}\nReads can be answered without {target}, and yet some were refused.");
        }
        Assert.True(
            felt.RefusedStanding == 0,
            $"{result}\nWhat nobody writes is kept, and yet reads of it were refused:\n{Felt.LinesOf(felt.StandingNotAsKept)}"
        );
        if (target is not FaultTarget.Gateway)
        {
            Assert.True(felt.Failed == 0, $"{result}\nReads were answered with something else than 503 and Retry-After.");
        }
        if (result.Fault is { Signal: FaultSignal.Kill, IsOfAService: true })
        {
            var later = result.Felt.LaterFailedWrites;
            Assert.True(
                later.Count == 0,
                $"{result}\n{later.Count} writes failed that were sent when the other instance was the only one:\n{Felt.LinesOf(later)}"
            );
        }
    }
}
