using System.Text.Json;

namespace BackendGuide.Gateway.Tests.Changes;

/// <summary>A reader of server-sent events as the specification describes one.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _lines;

    private EventStream(HttpResponseMessage answer, StreamReader lines) => (_answer, _lines) = (answer, lines);

    public int Status => (int)_answer.StatusCode;

    public string? MediaType => _answer.Content.Headers.ContentType?.MediaType;

    public HttpResponseMessage Answer => _answer;

    /// <summary>The id of the last event: where to go on.</summary>
    public string? LastId { get; private set; }

    /// <summary>Comment lines so far.</summary>
    public int Comments { get; private set; }

    public static async Task<EventStream> OpenAsync(TestGateway gateway, string? lastId = null, string query = "")
    {
        using var request = gateway.Request("GET", $"/api/v1/changes/stream{query}");
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }
        var cancelled = TestContext.Current.CancellationToken;
        var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled);
        // A refusal is read as a whole by who expects it.
        var lines = answer.IsSuccessStatusCode ? await answer.Content.ReadAsStreamAsync(cancelled) : Stream.Null;
        return new EventStream(answer, new StreamReader(lines));
    }

    /// <summary>The next event, as <c>/source/position</c>; null where the stream ended.</summary>
    public async Task<string?> NextAsync()
    {
        string? id = null;
        JsonElement? data = null;
        while (await ReadLineAsync() is { } line)
        {
            if (line.Length == 0 && data is { } change)
            {
                LastId = id;
                return FeedGateway.Name(change);
            }
            Comments += line.StartsWith(':') ? 1 : 0;
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line["id: ".Length..] : id;
            data = line.StartsWith("data: ", StringComparison.Ordinal) ? JsonDocument.Parse(line["data: ".Length..]).RootElement : data;
        }
        return null;
    }

    public async Task<List<string>> TakeAsync(int count)
    {
        List<string> changes = [];
        while (changes.Count < count && await NextAsync() is { } change)
        {
            changes.Add(change);
        }
        return changes;
    }

    /// <summary>Reads lines until there is another comment.</summary>
    public async Task WaitForCommentAsync()
    {
        while (await ReadLineAsync() is { } line)
        {
            if (line.StartsWith(':'))
            {
                Comments++;
                return;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        _answer.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string?> ReadLineAsync() =>
        await _lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
}
