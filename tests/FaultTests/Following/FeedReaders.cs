using System.Text.Json;

namespace BackendGuide.FaultTests.Following;

/// <summary>Follows the feed from its beginning: <c>/content 1</c>, <c>/career 1</c> and so on, in the order in which they come.</summary>
internal abstract class FeedReader(HttpClient gateway)
{
    private readonly List<string> _changes = [];

    protected HttpClient Gateway => gateway;

    public abstract string Name { get; }

    public int Count => _changes.Count;

    /// <summary>What came of one source, in its order.</summary>
    public IReadOnlyList<string> Of(string source) =>
        [.. _changes.Where(change => change.StartsWith($"{source} ", StringComparison.Ordinal))];

    /// <summary>Reads on, until there is nothing more at the moment.</summary>
    public abstract Task ReadAsync(CancellationToken cancellationToken);

    protected void Add(JsonElement change) =>
        _changes.Add($"{change.GetProperty("source").GetString()} {change.GetProperty("position").GetString()}");
}

/// <summary>Follows it page by page.</summary>
internal sealed class PageReader(HttpClient gateway, int limit) : FeedReader(gateway)
{
    private string? _next;

    public override string Name => $"pages of {limit}";

    public override async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var answer = await Gateway.GetAsync(
                $"/api/v1/changes?limit={limit}{(_next is null ? "" : $"&after={_next}")}",
                cancellationToken
            );
            answer.EnsureSuccessStatusCode();
            using var page = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            _next = page.RootElement.GetProperty("next").GetString();
            var items = page.RootElement.GetProperty("items").EnumerateArray().ToList();
            items.ForEach(Add);
            if (items.Count == 0)
            {
                return;
            }
        }
    }
}

/// <summary>Follows the stream, which is cut at random and resumed by its last id.</summary>
internal sealed class StreamReading(HttpClient gateway, Random random) : FeedReader(gateway)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);
    private string? _last;

    public override string Name => "a stream that is cut";

    public override async Task ReadAsync(CancellationToken cancellationToken)
    {
        int before;
        do
        {
            before = Count;
            await ReadSomeAsync(random.Next(1, 200), cancellationToken);
        } while (Count > before);
    }

    private async Task ReadSomeAsync(int most, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/changes/stream");
        if (_last is not null)
        {
            request.Headers.Add("Last-Event-ID", _last);
        }
        using var answer = await Gateway.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (id, taken) = ((string?)null, 0);
        try
        {
            silence.CancelAfter(Silence);
            while (taken < most && await lines.ReadLineAsync(silence.Token) is { } line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    id = line["id: ".Length..];
                }
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    using var change = JsonDocument.Parse(line["data: ".Length..]);
                    Add(change.RootElement);
                    (_last, taken) = (id, taken + 1);
                    silence.CancelAfter(Silence);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return; // nothing more comes at the moment
        }
    }
}
