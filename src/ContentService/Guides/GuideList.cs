using System.Globalization;
using System.Text.Json;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>Lists the published guides.</summary>
internal sealed class GuideList(CachedReads reads)
{
    public const int KeyLength = 2;

    public async Task<ListResult<GuideSummary>> ReadAsync(
        HttpRequest request,
        GuideListQuery query,
        PageRequest page,
        FieldSelection? fields
    )
    {
        var list = await reads.ReadAsync(
            request,
            $"{page.Key}&fields={fields?.Key}",
            async (snapshot, cancellationToken) =>
            {
                var cut = await ReadAsync(snapshot, query, page, cancellationToken);
                return new LoadedAnswer(Representation.OfPage(cut, fields), [ContentTags.Guides]);
            }
        );
        return new ListResult<GuideSummary>(list!); // a list may be empty, and is always there
    }

    /// <summary>The key is what the list is sorted by, and the slug.</summary>
    public static bool IsKey(GuideListQuery query, string[] key) => GuideSort.Parse(query.Sort, key[0]) is not null && Slug.IsValid(key[1]);

    /// <summary>
    /// Reads a page and one item more. With one filter it is one range of the index that has it and the order, cut off before the guides are looked
    /// up; with several it is a walk through their ranges (<see cref="WalkSql"/>).
    /// </summary>
    public static NpgsqlCommand Command(GuideListQuery query, PageRequest page)
    {
        var column = GuideSort.ColumnOf(query.Sort);
        var (walk, found) =
            query.Filters.Count == 1
                ? ("", NextSql(column, filter: 0, "> ($2, $3)", page.Limit + 1))
                : (
                    WalkSql(query.Sort, query.Filters.Count),
                    $"SELECT guide_id, {column}, slug FROM walk WHERE is_found LIMIT {page.Limit + 1}"
                );
        var command = new NpgsqlCommand(
            $"""
            {walk}SELECT g.slug, g.locale, g.published - 'sections', g.version, g.published_at, g.updated_at, f.{column}
            FROM ({found}) f JOIN guide g ON g.id = f.guide_id ORDER BY f.{column}, f.slug
            """
        );
        var after = page.After;
        Add(query.Locale);
        Add(after is null ? GuideSort.FirstOf(query.Sort) : GuideSort.Parse(query.Sort, after[0])!, after is null ? "" : after[1]);
        foreach (var (kind, value) in query.Filters)
        {
            Add(kind, value);
        }
        return command;

        void Add(params ReadOnlySpan<object> values)
        {
            foreach (var one in values)
            {
                command.Parameters.Add(new() { Value = one });
            }
        }
    }

    /// <summary>
    /// A walk through the ranges of several filters, which all have one order: from where it is, the first filter's next guide is looked up, then the second's
    /// from there on, and so on. Where all have come to one guide, that has everything; else it goes on where the last has come to. So what only
    /// one filter has is passed over by a look into an index, and there are no more of these than the rarest filter has guides, twice.
    /// </summary>
    private static string WalkSql(string sort, int filters)
    {
        var column = GuideSort.ColumnOf(sort);
        var steps = Enumerable
            .Range(0, filters)
            .Select(filter =>
                (Filter: filter, From: filter == 0 ? $"(w.{column}, w.next_slug)" : $"(f{filter - 1}.{column}, f{filter - 1}.slug)")
            )
            .Select(step => $"CROSS JOIN LATERAL ({NextSql(column, step.Filter, $">= {step.From}", 1)}) f{step.Filter}");
        var last = $"f{filters - 1}";
        // No slug is between one and the same with U+0001 behind it: from there on is behind it.
        return $"""
            WITH RECURSIVE walk AS (
              SELECT NULL::uuid AS guide_id, {GuideSort.Typed(sort, "$2")} AS {column}, $3 COLLATE "C" AS slug, false AS is_found,
                ($3 || E'\x01') COLLATE "C" AS next_slug
              UNION ALL
              SELECT {last}.guide_id, {last}.{column}, {last}.slug, f0.guide_id = {last}.guide_id,
                CASE WHEN f0.guide_id = {last}.guide_id THEN {last}.slug || E'\x01' ELSE {last}.slug END
              FROM walk w
              {string.Join("\n  ", steps)})

            """;
    }

    // The next of a filter's guides in the order.
    private static string NextSql(string column, int filter, string from, int limit) =>
        $"""
            SELECT f.guide_id, f.{column}, f.slug FROM guide_facet f
              WHERE f.kind = ${4 + (2 * filter)} AND f.value = ${5 + (2 * filter)} AND f.locale = $1 AND (f.{column}, f.slug) {from}
              ORDER BY f.{column}, f.slug LIMIT {limit}
            """;

    private static async Task<Page<GuideSummary>> ReadAsync(
        NpgsqlTransaction snapshot,
        GuideListQuery query,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(query, page);
        (command.Connection, command.Transaction) = (snapshot.Connection, snapshot);
        List<(GuideSummary Guide, string[] Key)> items = [];
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var guide = ToSummary(row);
            items.Add((guide, [Convert.ToString(row.GetValue(6), CultureInfo.InvariantCulture)!, guide.Slug]));
        }
        var cut = page.Cut(items, last => last.Key);
        return new Page<GuideSummary>([.. cut.Items.Select(item => item.Guide)], cut.Next);
    }

    private static GuideSummary ToSummary(NpgsqlDataReader row)
    {
        var body = JsonSerializer.Deserialize<GuideBody>(row.GetString(2), ContentJson.Stored)!;
        return new GuideSummary(
            row.GetString(0),
            row.GetString(1),
            body.Title,
            body.Summary,
            body.Tags,
            GuideStatus.Published,
            row.GetInt64(3),
            row.GetDateTime(4),
            row.GetDateTime(5)
        );
    }
}
