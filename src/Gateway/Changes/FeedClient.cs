using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;
using Microsoft.Extensions.ServiceDiscovery;

namespace BackendGuide.Gateway.Changes;

/// <summary>The source does not answer at the moment.</summary>
internal sealed class SourceAwayException(string service, Exception inner) : Exception($"{service} does not answer: {inner.Message}", inner)
{
    /// <summary>True where no answer came at all, or one that broke off; not where one came too late, or was an error.</summary>
    public bool IsUnreached => InnerException is HttpRequestException { StatusCode: null } or IOException;
}

/// <summary>Asks the instances of a service for its feed, and where it is, one after the other, until one answers.</summary>
/// <remarks>The client is not of the factory: its retries would make every reader wait for a service that is away.</remarks>
internal sealed class FeedClient : IDisposable
{
    /// <summary>How long a question may wait at the service for something to come.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    // A page takes a few milliseconds; a service that takes longer than this stands still.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private readonly ServiceInstances _instances;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public FeedClient(ServiceEndpointResolver discovery, LastProbes probes, IConfiguration configuration)
    {
        _instances = new ServiceInstances(discovery, probes); // with turns of its own: what is asked here is nobody's request
        if (configuration[InternalAccess.TokenSetting] is { Length: > 0 } token)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        }
    }

    /// <summary>Reads events after a position; where an epoch is given, only when there is one, or another epoch, or after <see cref="Wait"/>.</summary>
    /// <exception cref="SourceAwayException">No instance answers.</exception>
    public async Task<FeedPage> ReadAsync(string service, long after, int limit, Guid? waitingIn, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/internal/feed?after={after}&limit={limit}");
        if (waitingIn is { } epoch)
        {
            path += string.Create(CultureInfo.InvariantCulture, $"&epoch={epoch}&wait={Wait.TotalSeconds}");
        }
        var wait = waitingIn is null ? TimeSpan.Zero : Wait;
        return await AskAsync(service, path, answer => FeedLineReader.Read(answer), Limit, wait, cancellationToken: cancellationToken);
    }

    /// <summary>Where a service is, in its own feed and in its copies, at a moment after this call.</summary>
    /// <exception cref="SourceAwayException">No instance answers.</exception>
    public Task<ChangeCursor> ReadPositionsAsync(string service, CancellationToken cancellationToken) =>
        AskAsync(service, "/internal/positions", ReadCursor, Limit, cancellationToken: cancellationToken);

    /// <summary>Asks for a path that is for other services alone.</summary>
    /// <param name="service">By its name in service discovery.</param>
    /// <param name="path">With its query.</param>
    /// <param name="read">Reads the answer. What cannot be read is none: the next instance may know better.</param>
    /// <param name="limit">For all instances together: none but the last may take more than its share.</param>
    /// <param name="wait">What each may take besides, because it was asked to wait.</param>
    /// <param name="after">What the answer must not be from before.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceAwayException">No instance answers.</exception>
    public async Task<T> AskAsync<T>(
        string service,
        string path,
        Func<byte[], T> read,
        TimeSpan limit,
        TimeSpan wait = default,
        ChangeCursor? after = null,
        CancellationToken cancellationToken = default
    )
    {
        Exception failure = new InvalidOperationException("no instance of it is known");
        try
        {
            var instances = (await _instances.InTurnAsync(service, cancellationToken)).ToList();
            var share = limit / Math.Max(1, instances.Count);
            foreach (var (before, instance) in instances.Index())
            {
                var own = before < instances.Count - 1 ? share : limit - (share * before);
                try
                {
                    return read(await AskAsync(new Uri(instance, path), own + wait, after, cancellationToken));
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    failure = e;
                }
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            failure = e; // service discovery
        }
        throw new SourceAwayException(service, failure);
    }

    public void Dispose() => _client.Dispose();

    private static ChangeCursor ReadCursor(byte[] answer) =>
        ChangeCursor.TryParse(Encoding.ASCII.GetString(answer), out var cursor)
            ? cursor
            : throw new InvalidDataException("Positions are a cursor.");

    private async Task<byte[]> AskAsync(Uri address, TimeSpan limit, ChangeCursor? after, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        using var question = new HttpRequestMessage(HttpMethod.Get, address);
        if (after is not null)
        {
            question.Headers.TryAddWithoutValidation(ChangeCursorExtensions.AfterChangeHeader, after.ToString());
        }
        using var answer = await _client.SendAsync(question, deadline.Token);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(deadline.Token);
    }
}
