using BackendGuide.Eventing.Following;

namespace BackendGuide.Gateway.Routing;

/// <summary>Sends a request to one instance. Whether it is sent again, and where to, <see cref="UnsentRetries"/> decides, and nobody else.</summary>
internal sealed class InstanceHandler(HttpMessageHandler connections) : DelegatingHandler(connections)
{
    /// <exception cref="HttpRequestException">
    /// The instance did not answer, or what it answered is a <see cref="FirstFailure"/> while another one is left to ask. Where there was no connection to
    /// it, be it not in time, it is a <see cref="HttpRequestError.ConnectionError"/>: nothing was sent.
    /// </exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Content is null && request.Method != HttpMethod.Get && request.Method != HttpMethod.Head)
        {
            // Empty, but not null: what has no content is sent again below where a kept connection ends without an answer, whatever its method. And
            // where nobody listens by then that second time looks as if the first had never been.
            request.Content = new ByteArrayContent([]);
        }
        request.Options.TryGetValue(ReadTry.Key, out var read);
        using var limit = LimitOf(read, cancellationToken);
        var ends = limit?.Token ?? cancellationToken;
        try
        {
            var answer = await base.SendAsync(request, ends);
            if (read is { IsLast: false } && FirstFailure.IsOne((int)answer.StatusCode) && !IsAfterChange(request))
            {
                answer.Dispose();
                throw new HttpRequestException(
                    $"{request.RequestUri!.Authority} answers {(int)answer.StatusCode}.",
                    null,
                    answer.StatusCode
                );
            }
            return answer;
        }
        // Of its own time limits the handler below has this one alone, and says it as if the request had been given up.
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException && !ends.IsCancellationRequested)
        {
            throw new HttpRequestException(
                HttpRequestError.ConnectionError,
                $"There is no connection to {request.RequestUri!.Authority} in time.",
                e
            );
        }
    }

    // Until the answer begins: what comes then is another matter.
    private static CancellationTokenSource? LimitOf(ReadTry? read, CancellationToken cancellationToken)
    {
        if (read?.Patience is not { } patience)
        {
            return null;
        }
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        return limit;
    }

    // Not to have heard of a change yet is no failure.
    private static bool IsAfterChange(HttpRequestMessage request) =>
        request.Headers.NonValidated.Contains(ChangeCursorExtensions.AfterChangeHeader);
}
