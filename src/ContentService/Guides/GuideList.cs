using System.Globalization;
using System.Text.Json;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
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
                var body = JsonSerializer.SerializeToUtf8Bytes(cut, ApiJson.Options);
                var representation = Representation.Create(0, fields?.OfItems(body) ?? body, MediaTypes.Json, default);
                return new LoadedAnswer(representation with { Next = cut.Next }, [ContentTags.Guides]);
            }
        );
        return new ListResult<GuideSummary>(list!); // a list may be empty, and is always there
    }

    /// <summary>The key is what the list is sorted by, and the slug.</summary>
    public static bool IsKey(GuideListQuery query, string[] key) => GuideSort.Parse(query.Sort, key[0]) is not null && Slug.IsValid(key[1]);

    /// <summary>
    /// Reads a page and one item more. It is one range of the index that has the first filter and the order, cut off before the guides are
    /// looked up; what other filters there are is asked of each row by its key.
    /// </summary>
    public static NpgsqlCommand Command(GuideListQuery query, PageRequest page)
    {
        var column = GuideSort.ColumnOf(query.Sort);
        var more = query.Filters.Skip(1).Index().Select(it => MoreSql(6 + (2 * it.Index)));
        var command = new NpgsqlCommand(
            $"""
            SELECT g.slug, g.locale, g.published - 'sections', g.version, g.published_at, g.updated_at, f.{column}
            FROM (
              SELECT f.guide_id, f.{column}, f.slug FROM guide_facet f
              WHERE f.kind = $1 AND f.value = $2 AND f.locale = $3 AND (f.{column}, f.slug) > ($4, $5){string.Concat(more)}
              ORDER BY f.{column}, f.slug LIMIT {page.Limit + 1}) f
            JOIN guide g ON g.id = f.guide_id ORDER BY f.{column}, f.slug
            """
        );
        var ((kind, value), after) = (query.Filters[0], page.After);
        Add(kind, value, query.Locale);
        Add(after is null ? GuideSort.FirstOf(query.Sort) : GuideSort.Parse(query.Sort, after[0])!, after is null ? "" : after[1]);
        foreach (var (otherKind, otherValue) in query.Filters.Skip(1))
        {
            Add(otherKind, otherValue);
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

    private static string MoreSql(int parameter) =>
        $" AND EXISTS (SELECT FROM guide_facet o WHERE o.guide_id = f.guide_id AND o.kind = ${parameter} AND o.value = ${parameter + 1})";

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
