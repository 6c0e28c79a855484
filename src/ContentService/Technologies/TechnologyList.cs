using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Technologies;

/// <summary>Lists the technologies by slug.</summary>
internal sealed class TechnologyList(CachedReads reads)
{
    public const string Name = "technologies";

    private const string Sql = """
        SELECT slug, name, category, summary, website, version, updated_at FROM technology
        WHERE slug > $1 ORDER BY slug LIMIT $2
        """;

    public async Task<ListResult<TechnologySummary>> ReadAsync(HttpRequest request, PageRequest page) =>
        new(
            await reads.ReadListAsync(
                request,
                page.Key,
                [ContentTags.Technologies],
                (snapshot, cancellationToken) => ReadAsync(snapshot, page, cancellationToken),
                ApiJson.Options
            )
        );

    private static async Task<Page<TechnologySummary>> ReadAsync(
        NpgsqlTransaction snapshot,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Sql, snapshot.Connection, snapshot);
        command.Parameters.Add(new() { Value = page.After is [var slug] ? slug : "" });
        command.Parameters.Add(new() { Value = page.Limit + 1 });
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
