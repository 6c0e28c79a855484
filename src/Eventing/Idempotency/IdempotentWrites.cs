using BackendGuide.Eventing.Following;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BackendGuide.Eventing.Idempotency;

/// <summary>
/// Runs a write once for each <c>Idempotency-Key</c>: whoever sends the same request again within 24 hours, after a lost answer or in
/// parallel, gets the answer of the first. The key, the change and its event are one transaction.
/// </summary>
public sealed class IdempotentWrites(EventLog log, TimeProvider time)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private static readonly AfterCommit<Results<WrittenResult, ProblemHttpResult>> s_place = new(
        static answer => FeedPlace.Ask(((WrittenResult)answer.Result).Sequence),
        static async (answer, row, cancellationToken) =>
            ((WrittenResult)answer.Result).Place = await FeedPlace.ReadAsync(row, cancellationToken)
    );

    /// <summary>How long a parallel request waits for the first: far longer than a write takes, and shorter than a client's patience.</summary>
    internal TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs <paramref name="write"/> in a transaction of the event log, as <see cref="EventLog"/> does: it may be run more than once until
    /// it is committed. Only an accepted write is; a problem rolls everything back, the key too, and the next request tries anew.
    /// </summary>
    /// <param name="request">Null where the client gave no key: then each request is a write of its own.</param>
    /// <param name="write">All that depends on the state or the time, If-Match too: a repeated request must not be refused by what the first did.</param>
    /// <param name="cancellationToken">The request's.</param>
    /// <returns>
    /// What the write answers, or answered the first time. 422 where the same key came with another body, unless that is to be refused for what
    /// is checked before (400, 404, 410, 412); 503 where the first has not ended after 5 s: whether it will be accepted is not known, and trying again with the same key is safe.
    /// </returns>
    public Task<Results<WrittenResult, ProblemHttpResult>> OnceAsync(
        IdempotentRequest? request,
        Func<NpgsqlTransaction, CancellationToken, Task<Results<WrittenResult, ProblemHttpResult>>> write,
        CancellationToken cancellationToken
    ) =>
        log.WriteAsync(
            (transaction, token) => request is null ? write(transaction, token) : OnceAsync(transaction, request, write, token),
            static answer => answer.Result is WrittenResult,
            s_place,
            cancellationToken
        );

    // What is not there, or is in another version, is said before that it is 422. What the write does meanwhile the refusal rolls back, either one.
    private static async Task<ProblemHttpResult?> FirstRefusalAsync(
        NpgsqlTransaction transaction,
        Func<NpgsqlTransaction, CancellationToken, Task<Results<WrittenResult, ProblemHttpResult>>> write,
        CancellationToken cancellationToken
    ) =>
        (await write(transaction, cancellationToken)).Result
            is ProblemHttpResult
            {
                StatusCode: StatusCodes.Status400BadRequest
                    or StatusCodes.Status404NotFound
                    or StatusCodes.Status410Gone
                    or StatusCodes.Status412PreconditionFailed
            } refusal
            ? refusal
            : null;

    private async Task<Results<WrittenResult, ProblemHttpResult>> OnceAsync(
        NpgsqlTransaction transaction,
        IdempotentRequest request,
        Func<NpgsqlTransaction, CancellationToken, Task<Results<WrittenResult, ProblemHttpResult>>> write,
        CancellationToken cancellationToken
    )
    {
        var keys = new KeptAnswers(transaction, request);
        switch (await keys.ClaimAsync(time.UtcNowInMicroseconds(), Lifetime, MaxWait, cancellationToken))
        {
            case Claim.First:
                var answer = await write(transaction, cancellationToken);
                if (answer.Result is WrittenResult accepted)
                {
                    await keys.KeepAsync(accepted, cancellationToken);
                }
                return answer;
            case Claim.Answered answered:
                return answered.Answer;
            case Claim.OtherBody:
                return await FirstRefusalAsync(transaction, write, cancellationToken)
                    ?? Problems.Unprocessable("This Idempotency-Key was used for another body.");
            default:
                return Problems.Unavailable("The first request with this Idempotency-Key has not ended yet.");
        }
    }
}
