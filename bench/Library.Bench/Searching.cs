using System.Text.Json;
using BackendGuide.Gateway.Bench;

namespace BackendGuide.Library.Bench;

/// <summary>Searches among all guides that were imported, by a content service that keeps no answers.</summary>
internal static class Searching
{
    // As many as there are cores, which the database, the service and they themselves share.
    private const int Clients = 2;

    private static readonly string[] s_mistyped = ["databsae", "protcool", "consuemr", "transactoin", "endpiont", "partitoin", "publihser"];

    private static readonly (string Name, Func<int, string> Words)[] s_searches =
    [
        ("a search for a word that all guides have", _ => GuideLines.Word(0)),
        ("a search for a word of every second guide", number => GuideLines.Word(GuideLines.RankInHalf + (number % 20))),
        ("a search for a word of every tenth guide", number => GuideLines.Word(GuideLines.RankInATenth + (number % 20))),
        ("a search for a word of few guides", number => GuideLines.Word(GuideLines.Vocabulary - 1 - (number % 20))),
        (
            "a search for two of every second guide",
            number => $"{GuideLines.Word(GuideLines.RankInHalf + (number % 20))} {GuideLines.Word(GuideLines.RankInHalf + 21)}"
        ),
        ("a search for a word that all guides have, without one that none has", number => $"{GuideLines.Word(0)} -absent{number}"),
        ("a search for a phrase", number => $"\"guide {1 + number} about\""),
        ("a search for a word of many titles, with a typo", number => s_mistyped[number % s_mistyped.Length]),
    ];

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(LibrarySystem system, Scale scale)
    {
        var forgetful = await system.StartForgetfulAsync();
        using var client = new HttpClient { BaseAddress = forgetful.Address };
        List<Figure> figures = [];
        foreach (var (name, words) in s_searches)
        {
            // With limits in turn, so that what two ask for at once is not read once for both.
            string Path(int number) => $"/api/v1/search?q={Uri.EscapeDataString(words(number))}&limit={20 + (number % 2)}";
            figures.AddRange(await TimesAsync(name, client, Clients, Path, scale));
            figures.AddRange(await TimesAsync("  by one client", client, 1, Path, scale));
        }
        figures.Add(new("  of these that find nothing", await CountEmptyAsync(client), "searches", 0, false, true));
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> TimesAsync(
        string name,
        HttpClient client,
        int clients,
        Func<int, string> path,
        Scale scale
    )
    {
        var (times, taken) = await Stolen.LeastAsync(() => ReadTimes.OfAsync(client, clients, path, scale.Reads), scale.MostRuns);
        return
        [
            new($"{name}, p50", times.P50, "ms"),
            new($"{name}, p99", times.P99, "ms", 50, AtLeast: false) { Taken = taken > Stolen.Most ? taken : null },
        ];
    }

    private static async Task<int> CountEmptyAsync(HttpClient client)
    {
        var empty = 0;
        foreach (var (_, words) in s_searches)
        {
            var path = new Uri($"/api/v1/search?q={Uri.EscapeDataString(words(0))}", UriKind.Relative);
            using var page = JsonDocument.Parse(await client.GetStringAsync(path));
            empty += page.RootElement.GetProperty("items").GetArrayLength() == 0 ? 1 : 0;
        }
        return empty;
    }
}
