using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BackendGuide.Contracts;

namespace BackendGuide.Eventing.Consuming;

/// <summary>Reads a source through its internal endpoints, with the named client that carries this service's token.</summary>
/// <remarks>
/// Whatever goes wrong is an <see cref="HttpRequestException"/>. Neither the client's time limit nor its retries reach beyond the headers of
/// an answer, so a page as a whole, and each line of a state, has a limit here: a way that is half open must not hold a reader for ever.
/// </remarks>
internal sealed class HttpSourceFeed(IHttpClientFactory clients, string service) : ISourceFeed
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public async Task<SourceChanges> ReadAsync(string? consumer, long after, int limit, CancellationToken cancellationToken)
    {
        var query = $"after={after}&limit={limit}" + (consumer is null ? "" : $"&consumer={Uri.EscapeDataString(consumer)}");
        return await WithinLimitAsync(
            async token =>
            {
                using var answer = await AskAsync($"/internal/changes?{query}", token);
                return await ReadAsync<SourceChanges>(answer.Content, token);
            },
            cancellationToken
        );
    }

    public Task<ISourceState> OpenStateAsync(CancellationToken cancellationToken) => WithinLimitAsync(OpenAsync, cancellationToken);

    private async Task<ISourceState> OpenAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync("/internal/state", cancellationToken);
        try
        {
            var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
            var first =
                await lines.ReadLineAsync(cancellationToken)
                ?? throw new HttpRequestException($"The state of {service} has no first line.");
            var of = JsonSerializer.Deserialize<StateHeader>(first, EventJson.Options)!;
            return new State(answer, lines, of, service);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> AskAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await clients
            .CreateClient(service)
            .GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }
        answer.Dispose();
        throw new HttpRequestException($"{service} answers {(int)answer.StatusCode} to {path}.", null, answer.StatusCode);
    }

    private static async Task<T> WithinLimitAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            return await read(limit.Token);
        }
        catch (Exception e) when (e is not HttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            // Cut off amid a body, too slow, or given up by what retries requests: the source is away.
            throw new HttpRequestException($"The source cannot be read: {e.Message}", e);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpContent content, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadFromJsonAsync<T>(EventJson.Options, cancellationToken) ?? throw new JsonException("nothing");
        }
        catch (JsonException e)
        {
            throw new HttpRequestException($"The answer cannot be read: {e.Message}", e);
        }
    }

    private sealed class State(HttpResponseMessage answer, StreamReader lines, StateHeader of, string service) : ISourceState
    {
        public Guid Epoch => of.Epoch;

        public long Position => of.Position;

        public async IAsyncEnumerable<CloudEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var count = 0L;
            while (await WithinLimitAsync(token => lines.ReadLineAsync(token).AsTask(), cancellationToken) is { } line)
            {
                // The last line says how many there were: a stream that is cut off must not be taken for a small state.
                if (line.StartsWith("{\"count\":", StringComparison.Ordinal))
                {
                    var said = JsonSerializer.Deserialize<StateEnd>(line, EventJson.Options)!.Count;
                    if (said == count)
                    {
                        yield break;
                    }
                    break;
                }
                count++;
                yield return JsonSerializer.Deserialize<CloudEvent>(line, EventJson.Options)!;
            }
            throw new HttpRequestException($"The state of {service} was cut off after {count} resources.");
        }

        public ValueTask DisposeAsync()
        {
            lines.Dispose();
            answer.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>The first line of a state.</summary>
internal sealed record StateHeader(Guid Epoch, long Position);

/// <summary>The last line of a state.</summary>
internal sealed record StateEnd(long Count);
