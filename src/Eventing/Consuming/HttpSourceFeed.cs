using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BackendGuide.Contracts;
using Polly;

namespace BackendGuide.Eventing.Consuming;

/// <summary>Reads a source through its internal endpoints, with the named client that carries this service's token.</summary>
/// <remarks>
/// Neither the client's time limit nor its retries reach beyond the headers of an answer, so a page as a whole, and each line of a state, has
/// a limit here: a way that is half open must not hold a reader for ever.
/// </remarks>
internal sealed class HttpSourceFeed(IHttpClientFactory clients, string service) : ISourceFeed
{
    internal TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    public Task<SourceChanges> ReadAsync(string? consumer, long after, int limit, CancellationToken cancellationToken) =>
        TellAsync(
            async token =>
            {
                var query = $"after={after}&limit={limit}" + (consumer is null ? "" : $"&consumer={Uri.EscapeDataString(consumer)}");
                using var answer = await AskAsync($"/internal/changes?{query}", token);
                return
                    await answer.Content.ReadFromJsonAsync<SourceChanges>(EventJson.Options, token)
                        is { Items: not null, Epoch: var epoch } changes
                    && epoch != Guid.Empty
                    ? changes
                    : throw new JsonException("it is no piece of a feed");
            },
            cancellationToken
        );

    public Task<ISourceState> OpenStateAsync(CancellationToken cancellationToken) =>
        TellAsync<ISourceState>(
            async token =>
            {
                var answer = await AskAsync("/internal/state", token);
                try
                {
                    var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(token));
                    var first = await lines.ReadLineAsync(token) ?? throw new JsonException("it has no first line");
                    var of =
                        JsonSerializer.Deserialize<StateHeader>(first, EventJson.Options)
                        ?? throw new JsonException("its first line is null");
                    return new State(this, answer, lines, of);
                }
                catch
                {
                    answer.Dispose();
                    throw;
                }
            },
            cancellationToken
        );

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

    // Whatever it is that does not come, is broken off, takes too long or is refused by the client's own resilience: to whoever asks it is one
    // thing, a source that does not answer.
    private async Task<T> TellAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            return await ask(limit.Token);
        }
        catch (Exception e)
            when (e is JsonException or IOException or ExecutionRejectedException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            throw new HttpRequestException($"{service} does not answer as it should: {e.Message}", e);
        }
    }

    private sealed class State(HttpSourceFeed feed, HttpResponseMessage answer, StreamReader lines, StateHeader of) : ISourceState
    {
        public Guid Epoch => of.Epoch;

        public long Position => of.Position;

        public async IAsyncEnumerable<CloudEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var count = 0L; await feed.TellAsync(token => NextAsync(count, token), cancellationToken) is { } next; count++)
            {
                yield return next;
            }
        }

        // The last line says how many there were: a stream that is cut off must not be taken for a small state.
        private async Task<CloudEvent?> NextAsync(long count, CancellationToken cancellationToken)
        {
            var line = await lines.ReadLineAsync(cancellationToken);
            if (line is not null && !line.StartsWith("{\"count\":", StringComparison.Ordinal))
            {
                return JsonSerializer.Deserialize<CloudEvent>(line, EventJson.Options) ?? throw new JsonException("a resource is null");
            }
            return line is not null && JsonSerializer.Deserialize<StateEnd>(line, EventJson.Options)!.Count == count
                ? null
                : throw new IOException($"the state was cut off after {count} resources");
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
