using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace BackendGuide.Changes.Bench;

/// <summary>The whole feed from its start, page by page, against the same rows read in pages from PostgreSQL.</summary>
internal static class Reading
{
    private const int Page = 1_000;

    private const string FloorSql = """
        SELECT f.pos, e.event_id, e.event_type, e.aggregate_version, e.payload::text, e.headers::text, e.occurred_at
        FROM feed f JOIN event_log e USING (seq) WHERE f.pos > $1 ORDER BY f.pos LIMIT $2
        """;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(FeedSystem system, Scale scale)
    {
        // The first pages of each are those for which code is compiled and plans are made.
        await ReadAsync(system, mostPages: 2);
        await ReadRowsAsync(system.Content.Database, most: 2 * Page);
        var (rates, floors, lost) = (new List<double>(), new List<double>(), 0);
        for (var round = 0; round < scale.Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            var rows =
                await ReadRowsAsync(system.Content.Database, int.MaxValue) + await ReadRowsAsync(system.Career.Database, int.MaxValue);
            floors.Add(rows / watch.Elapsed.TotalSeconds);
            watch.Restart();
            var pages = await ReadAsync(system, int.MaxValue);
            rates.Add(scale.Events / watch.Elapsed.TotalSeconds);
            lost += CountLost(pages, scale);
        }
        return
        [
            new("rows read from PostgreSQL in pages of 1,000 (the floor)", Report.Median(floors), "events/s"),
            new("the feed from its start through the gateway, limit=1000", Report.Median(rates), "events/s", Bound: 20_000),
            new("  the slowest round", rates.Min(), "events/s"),
            new("  as a ratio of the floor", Report.Median(rates.Zip(floors, (rate, floor) => rate / floor)), ""),
            new("  lost, twice or out of order", lost, "events", Bound: 0, AtLeast: false, IsJudgedAlways: true),
        ];
    }

    /// <summary>Follows the links; what the pages say is looked at when the time is taken.</summary>
    private static async Task<List<byte[]>> ReadAsync(FeedSystem system, int mostPages)
    {
        List<byte[]> pages = [];
        var next = $"/api/v1/changes?limit={Page}";
        while (pages.Count < mostPages)
        {
            using var answer = await system.Client.GetAsync(new Uri(next, UriKind.Relative));
            answer.EnsureSuccessStatusCode();
            var link = answer.Headers.GetValues("Link").Single();
            pages.Add(await answer.Content.ReadAsByteArrayAsync());
            if (pages[^1].AsSpan().StartsWith("{\"items\":[]"u8))
            {
                break;
            }
            next = link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)];
        }
        return pages;
    }

    private static int CountLost(List<byte[]> pages, Scale scale)
    {
        var (read, wrong) = (new Dictionary<string, long> { ["/content"] = 0, ["/career"] = 0 }, 0);
        foreach (var page in pages)
        {
            using var text = JsonDocument.Parse(page);
            foreach (var change in text.RootElement.GetProperty("items").EnumerateArray())
            {
                var source = change.GetProperty("source").GetString()!;
                var position = long.Parse(change.GetProperty("position").GetString()!, null);
                wrong += position == read[source] + 1 ? 0 : 1;
                read[source] = position;
            }
        }
        return wrong + (int)Math.Abs(scale.ContentEvents - read["/content"]) + (int)Math.Abs(scale.CareerEvents - read["/career"]);
    }

    private static async Task<int> ReadRowsAsync(NpgsqlDataSource database, int most)
    {
        var (read, last) = (0, 0L);
        while (read < most)
        {
            await using var page = database.CreateCommand(FloorSql);
            page.Parameters.Add(new() { Value = last });
            page.Parameters.Add(new() { Value = Page });
            await using var row = await page.ExecuteReaderAsync();
            var before = read;
            while (await row.ReadAsync())
            {
                last = row.GetInt64(0);
                _ = (row.GetGuid(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetString(5), row.GetDateTime(6));
                read++;
            }
            if (read == before)
            {
                break;
            }
        }
        return read;
    }
}
