using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.Gateway.Routing;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.Gateway.Operations;

/// <summary>What a service's instance answered an operator.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">Its JSON.</param>
internal sealed record ServiceAnswer(int Status, JsonNode? Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>Asks services what operators want to know or have done, with the operator's own token: each service checks it again.</summary>
/// <remarks>
/// The client is not of the factory: what may be tried again is decided here, where it is known what does no harm twice.
/// </remarks>
internal sealed class ServiceOperations(ServiceInstances instances) : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>A comparison reads a whole copy.</summary>
    public static readonly TimeSpan CompareLimit = TimeSpan.FromSeconds(60);

    // No proxy: the token goes to the instance, not to what this machine's settings name.
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The first answer of an instance; null where none answers in time.</summary>
    /// <param name="service">By its name in service discovery.</param>
    /// <param name="path">Under <c>/internal/ops</c>.</param>
    /// <param name="request">The operator's: its method and its token are passed on.</param>
    /// <param name="limit">For each instance that is asked.</param>
    public async Task<ServiceAnswer?> AskAsync(string service, string path, HttpRequest request, TimeSpan limit)
    {
        var method = HttpMethods.IsHead(request.Method) ? HttpMethod.Get : HttpMethod.Parse(request.Method);
        foreach (var instance in await instances.InTurnAsync(service, request.HttpContext.RequestAborted))
        {
            try
            {
                return await AskAsync(method, new Uri(instance, $"/internal/ops/{path}"), request, limit);
            }
            catch (Exception e) when (IsNoAnswer(e) && !request.HttpContext.RequestAborted.IsCancellationRequested)
            {
                if (method != HttpMethod.Get && !IsUnasked(e))
                {
                    return null;
                }
            }
        }
        return null;
    }

    public void Dispose() => _client.Dispose();

    private static bool IsNoAnswer(Exception e) => e is HttpRequestException or IOException or OperationCanceledException or JsonException;

    // Nobody was there to do anything, so another instance may be asked, whatever it is.
    private static bool IsUnasked(Exception e) => e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };

    private async Task<ServiceAnswer> AskAsync(HttpMethod method, Uri address, HttpRequest request, TimeSpan limit)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted);
        deadline.CancelAfter(limit);
        using var question = new HttpRequestMessage(method, address);
        if (method != HttpMethod.Get)
        {
            // Empty, but not null: what has no content the handler itself sends again where the connection ends without an answer.
            question.Content = new ByteArrayContent([]);
        }
        if (AuthenticationHeaderValue.TryParse(request.Headers[HeaderNames.Authorization], out var token))
        {
            question.Headers.Authorization = token;
        }
        using var answer = await _client.SendAsync(question, deadline.Token);
        await using var body = await answer.Content.ReadAsStreamAsync(deadline.Token);
        return new ServiceAnswer((int)answer.StatusCode, await JsonNode.ParseAsync(body, cancellationToken: deadline.Token));
    }
}
