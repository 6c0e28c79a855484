using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;

namespace BackendGuide.Gateway.Routing.Streams;

/// <summary>
/// HTTP/1.1 to a service, both ways at once: the answer is read while the body is still sent. .NET's own handler reads it only after that, and HTTP/2,
/// which could do it, needs TLS or a port of its own at the service. Each request has a connection, which is closed after it.
/// </summary>
/// <param name="connectTimeout">How long an instance may take to accept a connection.</param>
internal sealed class DuplexHandler(TimeSpan connectTimeout) : HttpMessageHandler
{
    /// <exception cref="HttpRequestException">Nobody listens there, and nothing was sent; or the answer is none.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var connection = await ConnectAsync(request.RequestUri!, cancellationToken);
        try
        {
            DistributedContextPropagator.Current.Inject(Activity.Current, request, SetHeader);
            await connection.WriteAsync(RequestHead.Write(request), cancellationToken);
            if (RequestHead.HasBody(request))
            {
                _ = SendBodyAsync(request.Content!, connection, cancellationToken); // how it ends the connection says
            }
            return await new DuplexAnswer(connection).ReadAsync(request, cancellationToken);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw e as HttpRequestException ?? new HttpRequestException("The service did not answer.", e);
        }
    }

    private async Task<Stream> ConnectAsync(Uri service, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(connectTimeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(service.IdnHost, service.Port, limit.Token);
            var stream = new NetworkStream(socket, ownsSocket: true);
            if (service.Scheme != Uri.UriSchemeHttps)
            {
                return stream;
            }
            var secure = new SslStream(stream);
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = service.IdnHost }, limit.Token);
            return secure;
        }
        catch (Exception e)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"There is no connection to {service.Authority}.", e);
        }
    }

    // A body that breaks off must not look like one that has ended: then the connection is broken off, too. Where it is the service that takes no
    // more of it, what it answers is still read.
    private static async Task SendBodyAsync(HttpContent content, Stream connection, CancellationToken cancellationToken)
    {
        var body = new ChunkedBody(connection);
        try
        {
            await content.CopyToAsync(body, cancellationToken);
            await body.EndAsync(cancellationToken);
        }
        catch (Exception) when (!body.IsRefused)
        {
            await connection.DisposeAsync();
        }
        catch (Exception e)
        {
            Activity.Current?.AddEvent(new ActivityEvent($"The service takes no more of the body: {e.Message}"));
        }
    }

    private static void SetHeader(object? carrier, string name, string value)
    {
        var headers = ((HttpRequestMessage)carrier!).Headers;
        headers.Remove(name);
        headers.TryAddWithoutValidation(name, value);
    }
}
