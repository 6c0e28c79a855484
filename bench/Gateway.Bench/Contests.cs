using System.Net.Http.Json;
using System.Text.Json;

namespace BackendGuide.Gateway.Bench;

/// <summary>What is compared with what.</summary>
internal sealed class Contests(BenchSystem system, Library library, Contest contest)
{
    private static readonly Dictionary<string, string> s_nothing = [];
    private static readonly Dictionary<string, string> s_brotli = new() { ["Accept-Encoding"] = "br" };

    private static readonly Dictionary<string, string> s_traced = new()
    {
        ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
    };

    private const string Hit = "backendguide; hit";

    /// <summary>What there is to be compared, by what a user asks for.</summary>
    public static IReadOnlyList<string> Names { get; } = ["hits", "misses", "service", "writes", Visibility, Memory];

    /// <summary>How long a change takes to be seen: <see cref="Bench.Visibility"/>.</summary>
    public const string Visibility = "visibility";

    /// <summary>What each process holds: <see cref="Bench.Memory"/>.</summary>
    public const string Memory = "memory";

    /// <param name="only">One of <see cref="Names"/>; null for all.</param>
    public async Task<IReadOnlyList<Line>> RunAsync(string? only)
    {
        await using var kestrel = await Floors.StartKestrelAsync(library.Record);
        Func<Task<IReadOnlyList<Line>>>[] all = [() => HitsAsync(kestrel), MissesAsync, () => ServiceAsync(kestrel), WritesAsync];
        var lines = new List<Line>();
        foreach (var (_, run) in Names.Zip(all).Where(one => only is null || one.First == only))
        {
            lines.AddRange(await run());
        }
        return lines;
    }

    private async Task<IReadOnlyList<Line>> HitsAsync(MeasuredProcess kestrel)
    {
        await using var nginx = await Floors.StartNginxAsync(system.Folder, library.Answers);
        var wanted = new Bounds(Ratio: 0.8, P99: 2);
        return
        [
            .. await contest.RunAsync(
                "a kept guide",
                new Request(library.Paths),
                Of(kestrel, s_nothing),
                (Of(system.Gateway, s_nothing, Hit), wanted),
                (Of(nginx, s_nothing), new Bounds())
            ),
            .. await contest.RunAsync(
                "a kept guide, br",
                new Request(library.Paths) { Headers = s_brotli },
                Of(kestrel, s_brotli),
                (Of(system.Gateway, s_brotli, Hit), wanted)
            ),
            .. await contest.RunAsync(
                "a kept guide that has not changed, 304",
                new Request(library.Paths) { Tags = library.Tags },
                Unchanged(kestrel),
                (Unchanged(system.Gateway), new Bounds())
            ),
            .. await contest.RunAsync(
                "a kept guide, in a trace of its caller's",
                new Request(library.Paths) { Headers = s_traced },
                Of(kestrel, s_traced),
                (Of(system.Gateway, s_traced, Hit), new Bounds())
            ),
        ];
    }

    private async Task<IReadOnlyList<Line>> MissesAsync()
    {
        await using var yarp = await Floors.StartYarpAsync(system.Content.Address);
        await using var forgetful = await system.StartForgetfulGatewayAsync();
        return await contest.RunAsync(
            "a guide that the gateway does not keep",
            new Request(library.Paths),
            Of(yarp, s_nothing),
            (Of(forgetful, s_nothing, "backendguide; fwd=miss"), new Bounds(Ratio: 0.8))
        );
    }

    private async Task<IReadOnlyList<Line>> ServiceAsync(MeasuredProcess kestrel)
    {
        await using var redis = await system.StartContentAsync(
            "content, from Redis",
            new Dictionary<string, string?> { ["ReadCache:MemoryMegabytes"] = "0" }
        );
        await using var postgres = await system.StartContentAsync(
            "content, from PostgreSQL",
            new Dictionary<string, string?>
            {
                ["ReadCache:MemoryMegabytes"] = "0",
                ["ConnectionStrings:cache"] = "127.0.0.1:1", // where nobody is
            }
        );
        return
        [
            .. await contest.RunAsync(
                "the content service's own answer",
                new Request(library.Paths),
                Of(kestrel, s_nothing),
                (Of(system.Content, s_nothing) with { Name = "content, from memory" }, new Bounds()),
                (Of(redis, s_nothing), new Bounds()),
                (Of(postgres, s_nothing), new Bounds())
            ),
            .. await PagesAsync(postgres),
            .. await SearchesAsync(postgres),
        ];
    }

    // As many of the first pages as of the deepest, each a key of its own: who asks for one at the same time as another shares its load.
    private async Task<IReadOnlyList<Line>> PagesAsync(MeasuredProcess postgres)
    {
        const string FirstPage = "/api/v1/guides?limit=5";
        using var client = new HttpClient { BaseAddress = postgres.Address };
        var (pages, next) = (new List<string>(), (string?)FirstPage);
        while (next is not null)
        {
            pages.Add(next);
            using var page = JsonDocument.Parse(await client.GetStringAsync(new Uri(next, UriKind.Relative)));
            next = page.RootElement.GetProperty("next").GetString() is { } cursor
                ? $"{FirstPage}&after={Uri.EscapeDataString(cursor)}"
                : null;
        }
        var each = Math.Min(64, pages.Count / 2);
        var first = await WriteAsync("first-pages", pages[..each]);
        var deep = await WriteAsync("deep-pages", pages[^each..]);
        return await contest.RunAsync(
            "pages of the guides, from PostgreSQL",
            first,
            Found($"pages 1 to {each}", postgres, first),
            (Found($"pages {pages.Count - each + 1} to {pages.Count}", postgres, deep), new Bounds())
        );
    }

    // The least that a search could cost is to read one row: a guide by its slug. What is asked for differs each time, for the same reason.
    private async Task<IReadOnlyList<Line>> SearchesAsync(MeasuredProcess postgres)
    {
        var numbers = Enumerable.Range(1, library.Answers.Count).ToList();
        var common = await WriteAsync("common-words", numbers.Select(number => $"/api/v1/search?q=server+request+-absent{number}"));
        var rare = await WriteAsync("rare-words", numbers.Select(number => $"/api/v1/search?q=%22guide+{number}%22"));
        var mistyped = await WriteAsync("mistyped-words", numbers.Select(number => $"/api/v1/search?q=guidee+-absent{number}"));
        return await contest.RunAsync(
            "a search among the guides, from PostgreSQL",
            new Request(library.Paths),
            Of(postgres, s_nothing) with
            {
                Name = "a guide by its slug",
            },
            (Found("words that all guides have", postgres, common), new Bounds()),
            (Found("words that one guide has", postgres, rare), new Bounds()),
            (Found("a word with a typo", postgres, mistyped), new Bounds())
        );
    }

    private static Entrant Found(string name, MeasuredProcess process, Request request) =>
        new(name, [process], () => CheckFoundAsync(process.Address, request)) { Request = request };

    private static async Task CheckFoundAsync(Uri target, Request request)
    {
        using var client = new HttpClient { BaseAddress = target };
        foreach (var path in (await File.ReadAllLinesAsync(request.Paths)).Take(20))
        {
            using var page = JsonDocument.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative)));
            if (page.RootElement.GetProperty("items").GetArrayLength() == 0)
            {
                throw new InvalidOperationException($"{target}{path.TrimStart('/')} finds nothing");
            }
        }
    }

    private async Task<IReadOnlyList<Line>> WritesAsync()
    {
        await using var writer = await Floors.StartWriterAsync(await system.CreateDatabaseAsync());
        return await contest.RunAsync(
            "a write that is acknowledged, with its event",
            Requests.Write(system, library),
            Unchecked(writer.Name, writer),
            (new Entrant("gateway and content", [system.Gateway, system.Content], CheckWrittenAsync), new Bounds())
        );
    }

    // What is written is what is answered, and what is read after it.
    private async Task CheckWrittenAsync()
    {
        using var editor = system.CreateEditor(system.Gateway);
        foreach (var (index, path) in (await File.ReadAllLinesAsync(library.Technologies)).Take(5).Index())
        {
            var address = new Uri(path, UriKind.Relative);
            var summary = $"Checked {index} {Guid.NewGuid()}";
            using var written = await editor.PutAsJsonAsync(
                address,
                new
                {
                    name = "Written",
                    category = "Bench",
                    summary,
                }
            );
            written.EnsureSuccessStatusCode();
            using var question = new HttpRequestMessage(HttpMethod.Get, address);
            question.Headers.Add("After-Change", written.Headers.GetValues("Change-Cursor"));
            using var read = await editor.SendAsync(question);
            foreach (var answer in (HttpResponseMessage[])[written, read])
            {
                using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
                if (body.RootElement.GetProperty("summary").GetString() != summary)
                {
                    throw new InvalidOperationException($"{path} is not what was written");
                }
            }
        }
    }

    private async Task<Request> WriteAsync(string name, IEnumerable<string> paths)
    {
        var file = Path.Combine(system.Folder, name);
        await File.WriteAllLinesAsync(file, paths);
        return new Request(file);
    }

    private Entrant Of(MeasuredProcess process, IReadOnlyDictionary<string, string> headers, string? cacheStatus = null) =>
        new(process.Name, [process], () => library.CheckAsync(process.Address, headers, cacheStatus))
        {
            // Who asks for what is not kept beside others who do may share their load, and says so.
            CheckBeside = () => library.CheckAsync(process.Address, headers, cacheStatus == Hit ? Hit : null),
        };

    private Entrant Unchanged(MeasuredProcess process) =>
        new(process.Name, [process], () => library.CheckUnchangedAsync(process.Address))
        {
            CheckBeside = () => library.CheckUnchangedAsync(process.Address),
        };

    // A floor's own answer says nothing; wrk counts what is no success, and that is an error.
    private static Entrant Unchecked(string name, params IReadOnlyList<MeasuredProcess> processes) =>
        new(name, processes, () => Task.CompletedTask);
}
