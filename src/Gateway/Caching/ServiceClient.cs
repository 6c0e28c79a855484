using System.Diagnostics;
using System.Net;
using BackendGuide.Gateway.Routing;
using BackendGuide.Gateway.Telemetry;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Asks an instance of a service. There is a span for it where the request that it is asked for has one; the platform's own tracing would prepare
/// one for every question, which is a tenth of what an answer that is not kept costs. The service is told of the trace either way.
/// </summary>
internal sealed class ServiceClient : IDisposable
{
    private static readonly ActivitySource s_source = new(RequestTracing.SourceName);

    private readonly HttpMessageInvoker _http = new(
        new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = ApiRouting.ConnectTimeout,
            UseCookies = false,
            UseProxy = false,
        }
    );

    /// <summary>Sends a question; the answer's body is still to be read.</summary>
    /// <exception cref="HttpRequestException">The instance does not answer.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Activity.Current is { Recorded: true })
        {
            return SendTracedAsync(request, cancellationToken);
        }
        Tell(request, Activity.Current);
        return _http.SendAsync(request, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendTracedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var span = s_source.StartActivity(request.Method.Method, ActivityKind.Client);
        Tell(request, span ?? Activity.Current);
        span?.SetTag("http.request.method", request.Method.Method);
        span?.SetTag("server.address", request.RequestUri!.Host);
        span?.SetTag("server.port", request.RequestUri!.Port);
        span?.SetTag("url.full", request.RequestUri!.OriginalString.Split('?')[0]); // what somebody looks for is nobody else's affair
        try
        {
            var response = await _http.SendAsync(request, cancellationToken);
            span?.SetTag("http.response.status_code", (int)response.StatusCode);
            if ((int)response.StatusCode >= StatusCodes.Status400BadRequest)
            {
                Fail(span, ((int)response.StatusCode).ToString(null, null));
            }
            return response;
        }
        catch (Exception e)
        {
            Fail(span, e.GetType().FullName);
            throw;
        }
    }

    private static void Fail(Activity? span, string? error)
    {
        span?.SetTag("error.type", error);
        span?.SetStatus(ActivityStatusCode.Error);
    }

    private static void Tell(HttpRequestMessage request, Activity? activity) =>
        DistributedContextPropagator.Current.Inject(
            activity,
            request.Headers,
            static (headers, name, value) => ((System.Net.Http.Headers.HttpRequestHeaders)headers!).TryAddWithoutValidation(name, value)
        );
}
