namespace BackendGuide.Gateway.Routing;

/// <summary>Sends a request to one instance. Whether it is sent again, and where to, <see cref="UnsentRetries"/> decides, and nobody else.</summary>
internal sealed class InstanceHandler(HttpMessageHandler connections) : DelegatingHandler(connections)
{
    /// <exception cref="HttpRequestException">
    /// The instance did not answer; where there was no connection to it in time either, it is a <see cref="HttpRequestError.ConnectionError"/>: nothing was
    /// sent.
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
        using var limit = LimitOf(request, cancellationToken);
        var ends = limit?.Token ?? cancellationToken;
        try
        {
            return await base.SendAsync(request, ends);
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
    private static CancellationTokenSource? LimitOf(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(ReadTry.Key, out var one) || one.Patience is not { } patience)
        {
            return null;
        }
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        return limit;
    }
}
