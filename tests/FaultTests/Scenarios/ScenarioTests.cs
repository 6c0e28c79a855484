using BackendGuide.FaultTests.Episodes;
using BackendGuide.FaultTests.Rig;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>Faults that take more than one signal, or have figures of their own.</summary>
[Collection("system")]
public sealed class ScenarioTests(FaultRun run)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(15);

    [Fact]
    public Task Broker_KilledAgainAndAgain_LosesNothingAndDoublesNoEffect() =>
        KeepsItsPromisesAsync((system, settings, time) => new KilledBroker(system, settings, time));

    [Fact]
    public Task Broker_ThatBlocksPublishers_DegradesTheSystemAndFailsNoRequest() =>
        KeepsItsPromisesAsync((system, settings, time) => new BlockedBroker(system, settings, time));

    [Fact]
    public Task Consumers_AfterEachRestartOfTheBroker_AreAllBack() =>
        KeepsItsPromisesAsync((system, settings, time) => new ReturningConsumers(system, settings, time));

    [Fact]
    public Task Events_WhilePostgreSqlIsAway_WaitAndAreNotSetAside() =>
        KeepsItsPromisesAsync((system, settings, time) => new AbsentDatabase(system, settings, time));

    [Fact]
    public Task Writes_WhileTheBrokerStandsStill_HoldNoTransactionOpen() =>
        KeepsItsPromisesAsync((system, settings, time) => new StoppedBroker(system, settings, time));

    [Fact]
    public Task Services_RestartedUnderLoad_FailNoReaderAndNoWriterBeyondThoseUnderWay() =>
        KeepsItsPromisesAsync((system, settings, time) => new RestartedServices(system, settings, time));

    private async Task KeepsItsPromisesAsync(Func<TestedSystem, RunSettings, TimeProvider, Scenario> make)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);

        var result = await run.RunAsync(make, deadline.Token);

        Assert.True(result.Broken.Count == 0, $"{result}\n{string.Join('\n', result.Broken.Take(20))}");
    }
}
