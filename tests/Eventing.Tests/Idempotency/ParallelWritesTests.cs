using BackendGuide.Eventing.Idempotency;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Idempotency;

public sealed class ParallelWritesTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly Guid _thing = Guid.NewGuid();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OnceDatabase _once = null!;

    public async ValueTask InitializeAsync() => _once = await OnceDatabase.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _once.DisposeAsync();

    [Fact]
    public async Task OnceAsync_OfSixteenAtOnce_WritesOnceAndAnswersAllAlike()
    {
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(_ =>
                    Task.Run(
                        () =>
                            _once.Writes.OnceAsync(
                                OnceDatabase.Request(),
                                (transaction, token) => OnceDatabase.SaveAsync(transaction, _thing, token),
                                _cancelled
                            ),
                        _cancelled
                    )
                )
        );

        Assert.Single(answers.Select(answer => OnceDatabase.Show(Assert.IsType<WrittenResult>(answer.Result))).Distinct());
        await _once.ExpectAsync(keys: 1, events: 1, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_WhileTheFirstRuns_WaitsForItsAnswer()
    {
        var first = RunSlowlyAsync(isAccepted: true);
        await _begun.Task.WaitAsync(_cancelled);
        var second = RunAsync(_once.Writes);
        await _once.WaitersAsync(1, _cancelled);
        _mayEnd.SetResult();

        var answers = await Task.WhenAll(first, second);

        Assert.Single(answers.Select(answer => OnceDatabase.Show(Assert.IsType<WrittenResult>(answer.Result))).Distinct());
        await _once.ExpectAsync(keys: 1, events: 1, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_WhileAFirstRunsThatIsRefused_WritesInItsPlace()
    {
        var first = RunSlowlyAsync(isAccepted: false);
        await _begun.Task.WaitAsync(_cancelled);
        var second = RunAsync(_once.Writes);
        await _once.WaitersAsync(1, _cancelled);
        _mayEnd.SetResult();

        Assert.Equal(StatusCodes.Status409Conflict, Assert.IsType<ProblemHttpResult>((await first).Result).StatusCode);
        Assert.IsType<WrittenResult>((await second).Result);
        await _once.ExpectAsync(keys: 1, events: 1, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_WhileTheFirstDoesNotEnd_Is503AndWritesNothing()
    {
        var first = RunSlowlyAsync(isAccepted: true);
        await _begun.Task.WaitAsync(_cancelled);

        var second = await RunAsync(_once.WritesWaiting(TimeSpan.FromMilliseconds(100)));
        _mayEnd.SetResult();
        var answered = await first;
        var again = await RunAsync(_once.Writes);

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, Assert.IsType<ProblemHttpResult>(second.Result).StatusCode);
        Assert.Equal(OnceDatabase.Show((WrittenResult)answered.Result), OnceDatabase.Show((WrittenResult)again.Result));
        await _once.ExpectAsync(keys: 1, events: 1, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_OfOtherKeysWhileOneRuns_DoesNotWait()
    {
        var first = RunSlowlyAsync(isAccepted: true);
        await _begun.Task.WaitAsync(_cancelled);

        var other = await _once.Writes.OnceAsync(
            OnceDatabase.Request(key: "another"),
            (transaction, token) => OnceDatabase.SaveAsync(transaction, Guid.NewGuid(), token),
            _cancelled
        );
        _mayEnd.SetResult();
        await first;

        Assert.IsType<WrittenResult>(other.Result);
        await _once.ExpectAsync(keys: 2, events: 2, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_InItsWrite_HasTheLockTimeoutThatWasThereBefore()
    {
        object? timeout = null;

        await _once.Writes.OnceAsync(
            OnceDatabase.Request(),
            async (transaction, token) =>
            {
                await using var show = new NpgsqlCommand("SHOW lock_timeout", transaction.Connection, transaction);
                timeout = await show.ExecuteScalarAsync(token);
                return await OnceDatabase.SaveAsync(transaction, _thing, token);
            },
            _cancelled
        );

        Assert.Equal("0", timeout);
    }

    private Task<Results<WrittenResult, ProblemHttpResult>> RunAsync(IdempotentWrites writes) =>
        writes.OnceAsync(OnceDatabase.Request(), (transaction, token) => OnceDatabase.SaveAsync(transaction, _thing, token), _cancelled);

    private Task<Results<WrittenResult, ProblemHttpResult>> RunSlowlyAsync(bool isAccepted) =>
        _once.Writes.OnceAsync(
            OnceDatabase.Request(),
            async (transaction, token) =>
            {
                var answer = await OnceDatabase.SaveAsync(transaction, _thing, token);
                _begun.SetResult();
                await _mayEnd.Task.WaitAsync(token);
                return isAccepted ? answer : ServiceDefaults.Problems.Conflict("not now");
            },
            _cancelled
        );
}
