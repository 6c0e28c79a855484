using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BackendGuide.Eventing.Tests.Idempotency;

public sealed class IdempotentWritesTests(ServersFixture servers) : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly Guid _thing = Guid.NewGuid();
    private OnceDatabase _once = null!;

    public async ValueTask InitializeAsync() => _once = await OnceDatabase.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _once.DisposeAsync();

    [Fact]
    public async Task OnceAsync_OfTheSameRequestTwice_WritesOnceAndAnswersAlike()
    {
        var first = await RunAsync(OnceDatabase.Request());
        var second = await RunAsync(OnceDatabase.Request());

        Assert.Equal(Show(first), Show(second));
        Assert.Equal(1, Accepted(first).Sequence);
        Assert.Equal([1, 1], new[] { first, second }.Select(answer => Accepted(answer).Place?.Position));
        await _once.ExpectAsync(keys: 1, events: 1, _cancelled);
    }

    [Theory]
    [InlineData("bob", "/things/a", "key")]
    [InlineData("alice", "/things/b", "key")]
    [InlineData("alice", "/things/a", "KEY")]
    public async Task OnceAsync_OfAnotherSubjectPathOrKey_WritesEach(string subject, string path, string key)
    {
        await RunAsync(OnceDatabase.Request());
        await RunAsync(OnceDatabase.Request(subject, path, key));

        await _once.ExpectAsync(keys: 2, events: 2, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_WithoutAKey_WritesEachTimeAndKeepsNothing()
    {
        await RunAsync(null);
        await RunAsync(null);

        await _once.ExpectAsync(keys: 0, events: 2, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_WithAnotherBody_Is422AndWritesNothing()
    {
        var first = await RunAsync(OnceDatabase.Request(body: "one"));
        var other = await RunAsync(OnceDatabase.Request(body: "two"));
        var again = await RunAsync(OnceDatabase.Request(body: "one"));

        Assert.Equal(StatusCodes.Status422UnprocessableEntity, Refused(other).StatusCode);
        Assert.Equal(Show(first), Show(again));
        await _once.ExpectAsync(keys: 1, events: 1, _cancelled);
    }

    [Theory]
    [InlineData(400, 400)]
    [InlineData(404, 404)]
    [InlineData(410, 410)]
    [InlineData(412, 412)]
    [InlineData(409, 422)]
    public async Task OnceAsync_WithAnotherBodyThatIsRefusedAnyway_SaysWhatIsCheckedFirst(int refusal, int said)
    {
        await RunAsync(OnceDatabase.Request(body: "one"));
        var other = await _once.Writes.OnceAsync(
            OnceDatabase.Request(body: "two"),
            async (transaction, token) =>
            {
                await OnceDatabase.SaveAsync(transaction, _thing, token);
                return Problems.OfStatus(refusal, "It is so.");
            },
            _cancelled
        );

        Assert.Equal(said, Refused(other).StatusCode);
        await _once.ExpectAsync(keys: 1, events: 1, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_OfAWriteThatChangesNothing_KeepsItsAnswerWithoutAPosition()
    {
        static Task<Results<WrittenResult, ProblemHttpResult>> AcceptAsync() =>
            Task.FromResult<Results<WrittenResult, ProblemHttpResult>>(new WrittenResult(204, new Dictionary<string, string>(), default));

        await _once.Writes.OnceAsync(OnceDatabase.Request(), (_, _) => AcceptAsync(), _cancelled);
        var again = Accepted(await RunAsync(OnceDatabase.Request()));

        Assert.Equal((204, 0, 0), (again.Status, again.Headers.Count, again.Body.Length));
        Assert.Null(again.Sequence);
        Assert.Equal(0, again.Place?.Position); // as far as the feed is
        await _once.ExpectAsync(keys: 1, events: 0, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_OfAWriteThatIsRefused_KeepsNothingAndMayBeSentAgain()
    {
        var refused = await _once.Writes.OnceAsync(
            OnceDatabase.Request(),
            async (transaction, token) =>
            {
                await Things.SaveAsync(transaction, _thing, "half done", token);
                return ServiceDefaults.Problems.Conflict("not now");
            },
            _cancelled
        );
        await _once.ExpectAsync(keys: 0, events: 0, _cancelled);

        var accepted = await RunAsync(OnceDatabase.Request());

        Assert.Equal(StatusCodes.Status409Conflict, Refused(refused).StatusCode);
        Assert.Equal(200, Accepted(accepted).Status);
        await _once.ExpectAsync(keys: 1, events: 1, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_OfAWriteThatFails_KeepsNothingAndMayBeSentAgain()
    {
        var failure = new InvalidOperationException("the write failed");

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            _once.Writes.OnceAsync(
                OnceDatabase.Request(),
                async (transaction, token) =>
                {
                    await Things.SaveAsync(transaction, _thing, "half done", token);
                    throw failure;
                },
                _cancelled
            )
        );

        Assert.Same(failure, thrown);
        await _once.ExpectAsync(keys: 0, events: 0, _cancelled);
        await RunAsync(OnceDatabase.Request());
        await _once.ExpectAsync(keys: 1, events: 1, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_WhoseTransactionFailsAtItsCommit_KeepsNoKey()
    {
        var thrown = await Assert.ThrowsAsync<PostgresException>(() =>
            _once.Writes.OnceAsync(
                OnceDatabase.Request(),
                async (transaction, token) =>
                {
                    // The position is given at commit: with the next one taken it fails there, each time that it is tried.
                    const string Sql = "INSERT INTO feed(pos, seq) SELECT 1, max(seq) FROM event_log; SET CONSTRAINTS ALL DEFERRED";
                    await Things.SaveAsync(transaction, _thing, "lost", token);
                    await using var spoil = new NpgsqlCommand(Sql, transaction.Connection, transaction);
                    await spoil.ExecuteNonQueryAsync(token);
                    return OnceDatabase.Answer("lost", null);
                },
                _cancelled
            )
        );

        Assert.Equal(PostgresErrorCodes.UniqueViolation, thrown.SqlState);
        await _once.ExpectAsync(keys: 0, events: 0, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_WhoseTransactionIsTriedAgain_WritesOnce()
    {
        var attempts = 0;

        await _once.Writes.OnceAsync(
            OnceDatabase.Request(),
            async (transaction, token) =>
            {
                if (++attempts == 1)
                {
                    const string Sql = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$";
                    await using var fail = new NpgsqlCommand(Sql, transaction.Connection, transaction);
                    await fail.ExecuteNonQueryAsync(token);
                }
                return await OnceDatabase.SaveAsync(transaction, _thing, token);
            },
            _cancelled
        );

        Assert.Equal(2, attempts);
        await _once.ExpectAsync(keys: 1, events: 1, _cancelled);
    }

    [Fact]
    public async Task OnceAsync_OneDayLater_WritesAgain()
    {
        var first = await RunAsync(OnceDatabase.Request());
        _once.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMicroseconds(1));
        var within = await RunAsync(OnceDatabase.Request());
        _once.Time.Advance(TimeSpan.FromMicroseconds(1));
        var after = await RunAsync(OnceDatabase.Request(body: "another"));
        _once.Time.Advance(TimeSpan.FromHours(23));
        var again = await RunAsync(OnceDatabase.Request(body: "another"));

        Assert.Equal(Show(first), Show(within));
        Assert.NotEqual(Show(first), Show(after));
        Assert.Equal(Show(after), Show(again));
        await _once.ExpectAsync(keys: 1, events: 2, _cancelled);
    }

    private Task<Results<WrittenResult, ProblemHttpResult>> RunAsync(IdempotentRequest? request) =>
        _once.Writes.OnceAsync(request, (transaction, token) => OnceDatabase.SaveAsync(transaction, _thing, token), _cancelled);

    private static WrittenResult Accepted(Results<WrittenResult, ProblemHttpResult> answer) => Assert.IsType<WrittenResult>(answer.Result);

    private static ProblemHttpResult Refused(Results<WrittenResult, ProblemHttpResult> answer) =>
        Assert.IsType<ProblemHttpResult>(answer.Result);

    private static string Show(Results<WrittenResult, ProblemHttpResult> answer) => OnceDatabase.Show(Accepted(answer));
}
