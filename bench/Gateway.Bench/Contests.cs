using System.Text.Json;

namespace BackendGuide.Gateway.Bench;

/// <summary>What is compared with what.</summary>
internal sealed class Contests(BenchSystem system, Library library, Contest contest)
{
    private static readonly Dictionary<string, string> s_nothing = [];
    private static readonly Dictionary<string, string> s_brotli = new() { ["Accept-Encoding"] = "br" };

    private const string Hit = "backendguide; hit";

    /// <summary>What there is to be compared, by what a user asks for.</summary>
    public static IReadOnlyList<string> Names { get; } = ["hits", "misses", "service", "writes"];

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
                Of(kestrel, s_nothing),
                (Of(system.Gateway, s_nothing, Hit), new Bounds())
            ),
        ];
    }

    private async Task<IReadOnlyList<Line>> MissesAsync()
    {
        await using var yarp = await Floors.StartYarpAsync(system.Content.Address);
        return await contest.RunAsync(
            "a guide that the gateway does not keep",
            new Request(library.Paths),
            Of(yarp, s_nothing),
            (Of(system.ForgetfulGateway, s_nothing, "backendguide; fwd=miss"), new Bounds(Ratio: 0.8))
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
        ];
    }

    // The first page and one that is as deep as there are guides, each read from the database.
    private async Task<IReadOnlyList<Line>> PagesAsync(MeasuredProcess postgres)
    {
        const string FirstPage = "/api/v1/guides?limit=20";
        using var client = new HttpClient { BaseAddress = postgres.Address };
        var (pages, next) = (new List<string> { FirstPage }, (string?)FirstPage);
        while (next is not null)
        {
            using var page = JsonDocument.Parse(await client.GetStringAsync(new Uri(next, UriKind.Relative)));
            next = page.RootElement.GetProperty("next").GetString() is { } cursor
                ? $"{FirstPage}&after={Uri.EscapeDataString(cursor)}"
                : null;
            if (next is not null)
            {
                pages.Add(next);
            }
        }
        var (first, deep) = (await WriteAsync("first-page", FirstPage), await WriteAsync("deep-page", pages[^2]));
        var onFirst = await contest.RunAsync("page 1 of the guides, from PostgreSQL", first, Unchecked(postgres, "page 1"));
        var onDeep = await contest.RunAsync($"page {pages.Count - 1} of them", deep, Unchecked(postgres, $"page {pages.Count - 1}"));
        return
        [
            .. onFirst,
            .. onDeep.Select(line => line with { Ratio = line.PerSecond / onFirst[0].PerSecond, P99Ratio = line.P99 / onFirst[0].P99 }),
        ];
    }

    private async Task<IReadOnlyList<Line>> WritesAsync()
    {
        await using var writer = await Floors.StartWriterAsync(await system.CreateDatabaseAsync());
        return await contest.RunAsync(
            "a write that is acknowledged, with its event",
            Requests.Write(system, library),
            Unchecked(writer, writer.Name),
            (Unchecked(system.Gateway, "gateway and content"), new Bounds())
        );
    }

    private async Task<Request> WriteAsync(string name, string path)
    {
        var file = Path.Combine(system.Folder, name);
        await File.WriteAllLinesAsync(file, [path]);
        return new Request(file);
    }

    private Entrant Of(MeasuredProcess process, IReadOnlyDictionary<string, string> headers, string? cacheStatus = null) =>
        new(process.Name, process, () => library.CheckAsync(process.Address, headers, cacheStatus));

    // wrk counts what is no success, and that is an error.
    private static Entrant Unchecked(MeasuredProcess process, string name) => new(name, process, () => Task.CompletedTask);
}
