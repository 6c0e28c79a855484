using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BackendGuide.Gateway.Bench;

/// <summary>The guides that are read, and what the gateway answers for each: what the floors answer too, byte for byte.</summary>
internal sealed class Library
{
    private const int WritesAtOnce = 8;
    private const int MostAttempts = 50;
    private static readonly TimeSpan s_betweenAttempts = TimeSpan.FromMilliseconds(100);

    private Library(IReadOnlyList<Recorded> answers, string folder)
    {
        Answers = answers;
        Paths = Path.Combine(folder, "paths");
        Tags = Path.Combine(folder, "tags");
        Record = Path.Combine(folder, "record.json");
        Technologies = Path.Combine(folder, "technologies");
    }

    public IReadOnlyList<Recorded> Answers { get; }

    /// <summary>A file with a path a line.</summary>
    public string Paths { get; }

    /// <summary>A file with the tag of each of them.</summary>
    public string Tags { get; }

    /// <summary>A file with them all, for <see cref="Floors"/>.</summary>
    public string Record { get; }

    /// <summary>A file with the paths of technologies that may be written.</summary>
    public string Technologies { get; }

    /// <summary>Publishes guides of about 4 KB, and reads each.</summary>
    public static async Task<Library> FillAsync(BenchSystem system, int guides)
    {
        using var editor = system.CreateEditor(system.Gateway);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = WritesAtOnce };
        await Parallel.ForEachAsync(
            Enumerable.Range(1, guides),
            parallel,
            async (number, cancellationToken) =>
            {
                var path = PathOf(number);
                using var put = await editor.PutAsJsonAsync(path, Guide(number), cancellationToken);
                put.EnsureSuccessStatusCode();
                using var publish = await editor.PostAsync(new Uri($"{path}/publish", UriKind.Relative), content: null, cancellationToken);
                publish.EnsureSuccessStatusCode();
            }
        );
        var answers = new List<Recorded>();
        using var reader = new HttpClient { BaseAddress = system.Gateway.Address };
        foreach (var path in Enumerable.Range(1, guides).Select(PathOf))
        {
            var (body, tag) = await ReadAsync(reader, path, coding: null);
            answers.Add(new Recorded(path, tag, body, (await ReadAsync(reader, path, "br")).Body));
        }
        var library = new Library(answers, system.Folder);
        await File.WriteAllLinesAsync(library.Paths, answers.Select(answer => answer.Path));
        await File.WriteAllLinesAsync(library.Tags, answers.Select(answer => answer.ETag));
        await File.WriteAllBytesAsync(library.Record, JsonSerializer.SerializeToUtf8Bytes(answers));
        await File.WriteAllLinesAsync(
            library.Technologies,
            Enumerable.Range(1, guides).Select(number => $"/api/v1/technologies/bench-{number}")
        );
        return library;
    }

    /// <summary>Reads some of what was measured and compares it with what was recorded: a fast wrong answer is no answer.</summary>
    /// <param name="target">Who answers.</param>
    /// <param name="headers">As they are sent under load.</param>
    /// <param name="cacheStatus">What the answer has to say of itself, if anything.</param>
    public async Task CheckAsync(Uri target, IReadOnlyDictionary<string, string> headers, string? cacheStatus)
    {
        using var client = new HttpClient { BaseAddress = target };
        foreach (var expected in Answers.Where((_, index) => index % Math.Max(1, Answers.Count / 20) == 0))
        {
            using var answer = await ReadAsItShouldBeAsync(client, expected.Path, headers, cacheStatus);
            var body = await answer.Content.ReadAsByteArrayAsync();
            var wanted = headers.ContainsKey("Accept-Encoding") ? expected.Brotli : expected.Body;
            var status = StatusOf(answer);
            if (!answer.IsSuccessStatusCode || !body.AsSpan().SequenceEqual(wanted) || (cacheStatus is not null && status != cacheStatus))
            {
                throw new InvalidOperationException(
                    $"{target}{expected.Path.TrimStart('/')}: {answer.StatusCode}, {body.Length} bytes ({wanted.Length} expected), Cache-Status {status}"
                );
            }
        }
    }

    // What the service itself read nearly a minute ago is kept for less than a second.
    private static async Task<HttpResponseMessage> ReadAsItShouldBeAsync(
        HttpClient client,
        string path,
        IReadOnlyDictionary<string, string> headers,
        string? cacheStatus
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await SendAsync(client, path, headers);
            if (cacheStatus is null || attempt == MostAttempts || StatusOf(answer) == cacheStatus)
            {
                return answer;
            }
            answer.Dispose();
            await Task.Delay(s_betweenAttempts);
        }
    }

    private static string? StatusOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Cache-Status", out var values) ? string.Join(", ", values) : null;

    /// <summary>Fails where what has not changed is not answered with 304.</summary>
    public async Task CheckUnchangedAsync(Uri target)
    {
        using var client = new HttpClient { BaseAddress = target };
        foreach (var expected in Answers.Where((_, index) => index % Math.Max(1, Answers.Count / 20) == 0))
        {
            var headers = new Dictionary<string, string> { ["If-None-Match"] = expected.ETag };
            using var answer = await SendAsync(client, expected.Path, headers);
            if (answer.StatusCode != HttpStatusCode.NotModified)
            {
                throw new InvalidOperationException($"{target}{expected.Path.TrimStart('/')}: {answer.StatusCode}, not 304");
            }
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, IReadOnlyDictionary<string, string> headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return await client.SendAsync(request);
    }

    private static async Task<(byte[] Body, string ETag)> ReadAsync(HttpClient reader, string path, string? coding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (coding is not null)
        {
            request.Headers.Add("Accept-Encoding", coding);
        }
        using var answer = await reader.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadAsByteArrayAsync(), answer.Headers.ETag!.ToString());
    }

    private static string PathOf(int number) => $"/api/v1/guides/bench-guide-{number}";

    private static object Guide(int number) =>
        new
        {
            title = $"Guide {number}",
            summary = $"What guide {number} is about.",
            tags = new[] { "bench", $"tag-{number % 20}" },
            sections = Enumerable
                .Range(1, 4)
                .Select(section => new
                {
                    id = $"section-{section}",
                    heading = $"Section {section} of guide {number}",
                    blocks = new[] { new { kind = "markdown", text = Text(number, section) } },
                }),
        };

    // About 900 characters that compress as prose does, not as a repeated line would.
    private static string Text(int number, int section)
    {
        string[] words =
        [
            "server",
            "request",
            "database",
            "index",
            "queue",
            "cache",
            "latency",
            "schema",
            "service",
            "gateway",
            "token",
            "index",
            "commit",
            "replica",
            "thread",
            "socket",
            "protocol",
            "consumer",
            "publisher",
            "transaction",
            "query",
            "endpoint",
            "deploy",
            "monitor",
        ];
        var random = new Random((number * 10) + section); // the same text in each run
        return string.Join(' ', Enumerable.Range(0, 120).Select(_ => words[random.Next(words.Length)]));
    }
}
