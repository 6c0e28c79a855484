using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Technologies;

/// <summary>Lists the technologies by slug, all or those of one category.</summary>
internal sealed class TechnologyList(CachedReads reads)
{
    private const string Sql = """
        SELECT slug, name, category, summary, website, version, updated_at FROM technology
        WHERE withdrawn_at IS NULL AND slug > $1 ORDER BY slug LIMIT $2
        """;

    private const string CategorySql = """
        SELECT slug, name, category, summary, website, version, updated_at FROM technology
        WHERE withdrawn_at IS NULL AND category = $3 AND slug > $1 ORDER BY slug LIMIT $2
        """;

    /// <summary>The list that cursors belong to.</summary>
    public static string NameOf(string? category) => $"technologies?category={Uri.EscapeDataString(category ?? "")}";

    public async Task<ListResult<TechnologySummary>> ReadAsync(
        HttpRequest request,
        PageRequest page,
        string? category,
        FieldSelection? fields
    )
    {
        var list = await reads.ReadAsync(
            request,
            $"{page.Key}&fields={fields?.Key}",
            async (snapshot, cancellationToken) =>
            {
                var cut = await ReadAsync(snapshot, page, category, cancellationToken);
                return new LoadedAnswer(Representation.OfPage(cut, fields), [ContentTags.Technologies]);
            }
        );
        return new ListResult<TechnologySummary>(list!); // a list may be empty, and is always there
    }

    private static async Task<Page<TechnologySummary>> ReadAsync(
        NpgsqlTransaction snapshot,
        PageRequest page,
        string? category,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(category is null ? Sql : CategorySql, snapshot.Connection, snapshot);
        command.Parameters.Add(new() { Value = page.After is [var slug] ? slug : "" });
        command.Parameters.Add(new() { Value = page.Limit + 1 });
        if (category is not null)
        {
            command.Parameters.Add(new() { Value = category });
        }
        List<TechnologySummary> items = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(ToSummary(reader));
        }
        return page.Cut(items, last => [last.Slug]);
    }

    /// <summary>Reads slug, name, category, summary, website, version and updated_at, in this order.</summary>
    internal static TechnologySummary ToSummary(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            row.GetString(2),
            row.GetString(3),
            row.IsDBNull(4) ? null : row.GetString(4),
            row.GetInt64(5),
            row.GetDateTime(6)
        );
}
