namespace BackendGuide.Gateway.Routing;

/// <summary>Sends a request to one instance. Whether it is sent again, and where to, <see cref="UnsentRetries"/> decides, and nobody else.</summary>
internal sealed class InstanceHandler(HttpMessageHandler connections) : DelegatingHandler(connections)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Content is null && request.Method != HttpMethod.Get && request.Method != HttpMethod.Head)
        {
            // Empty, but not null: what has no content is sent again below where a kept connection ends without an answer, whatever its method. And
            // where nobody listens by then that second time looks as if the first had never been.
            request.Content = new ByteArrayContent([]);
        }
        return base.SendAsync(request, cancellationToken);
    }
}
