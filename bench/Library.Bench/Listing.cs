using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace BackendGuide.Library.Bench;

/// <summary>Lists of very many guides, whose rows SQL makes, by a content service that keeps no answers: their first pages against their deepest.</summary>
internal static class Listing
{
    private const int Pages = 50;
    private const int Rounds = 7;

    private static readonly (string Name, string Query)[] s_lists =
    [
        ("the newest", ""),
        ("by title", "sort=title&"),
        ("with a tag that half of them have", "tag=even&"),
        ("with a tag of half and a technology of four fifths", "tag=even&technology=most&"),
    ];

    private const string Fill = """
        INSERT INTO guide(id, slug, working, revision, saved_at, published, version, published_at, updated_at)
          SELECT gen_random_uuid(), 'many-' || n, b, 1, now(), b, n, now() - n * interval '1 second', now() - (n / 100) * interval '1 second'
          FROM generate_series(1, $1) n,
            LATERAL jsonb_build_object('title', 'Title ' || n::bigint * 7919 % 1000003, 'summary', '', 'tags', '["even"]'::jsonb, 'sections', '[]'::jsonb) b
        """;

    private const string Facets = """
        INSERT INTO guide_facet(guide_id, kind, value, locale, slug, title, newest_published, newest_updated)
          SELECT id, kind, value, locale, slug, published->>'title',
            -(extract(epoch FROM published_at) * 1000000)::bigint, -(extract(epoch FROM updated_at) * 1000000)::bigint
          FROM guide, LATERAL (VALUES ('all', '', true), ('tag', 'even', version % 2 = 0), ('technology', 'most', version % 5 > 0)) f(kind, value, has)
          WHERE slug LIKE 'many-%' AND has
        """;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(LibrarySystem system, Scale scale)
    {
        var connection = await system.CreateDatabaseAsync();
        var service = await system.StartForgetfulAsync(connection);
        await using (var database = NpgsqlDataSource.Create(connection))
        {
            await FillAsync(database, scale.Listed);
        }
        using var client = new HttpClient { BaseAddress = service.Address };
        List<Figure> figures = [];
        foreach (var (name, query) in s_lists)
        {
            var pages = await WalkAsync(client, $"/api/v1/guides?{query}limit=20", scale.Page);
            var (first, deep) = (pages[..Pages], pages[^Pages..]);
            List<(ReadTimes First, ReadTimes Deep)> rounds = [];
            for (var round = 0; round < Rounds; round++)
            {
                rounds.Add((await TimesAsync(client, first), await TimesAsync(client, deep)));
            }
            figures.Add(new($"a page of {name}, of the first {Pages}, p50", Median(rounds.Select(it => it.First.P50)), "ms"));
            figures.Add(new($"  of the {Pages} up to page {pages.Count:#,0}, p50", Median(rounds.Select(it => it.Deep.P50)), "ms"));
            figures.Add(new("  as a ratio", Median(rounds.Select(it => it.Deep.P50 / it.First.P50)), "", 1.5, AtLeast: false));
        }
        return figures;
    }

    private static async Task<ReadTimes> TimesAsync(HttpClient client, IReadOnlyList<string> pages)
    {
        List<double> times = [];
        foreach (var page in pages)
        {
            times.Add(await ReadTimes.ReadAsync(client, page));
        }
        return ReadTimes.Of(times);
    }

    // Page by page from the first, as everybody comes to a deep one.
    private static async Task<List<string>> WalkAsync(HttpClient client, string first, int until)
    {
        var (pages, next) = (new List<string>(), (string?)first);
        while (next is not null && pages.Count < until)
        {
            pages.Add(next);
            using var page = JsonDocument.Parse(await client.GetStringAsync(new Uri(next, UriKind.Relative)));
            next = page.RootElement.GetProperty("next").GetString() is { } cursor ? $"{first}&after={Uri.EscapeDataString(cursor)}" : null;
        }
        return pages.Count == until
            ? pages
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{first} has only {pages.Count} pages."));
    }

    private static async Task FillAsync(NpgsqlDataSource database, int guides)
    {
        await using var connection = await database.OpenConnectionAsync();
        // What is searched for is not looked at here.
        foreach (
            var sql in (string[])
                ["ALTER TABLE guide DISABLE TRIGGER USER", Fill, Facets, "ALTER TABLE guide ENABLE TRIGGER USER", "VACUUM ANALYZE"]
        )
        {
            await using var fill = connection.CreateCommand();
            (fill.CommandText, fill.CommandTimeout) = (sql, 0);
            if (sql.Contains("$1", StringComparison.Ordinal))
            {
                fill.Parameters.Add(new() { Value = guides });
            }
            await fill.ExecuteNonQueryAsync();
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
}
