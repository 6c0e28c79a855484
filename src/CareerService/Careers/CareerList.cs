using System.Text.Json;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.CareerService.Careers;

/// <summary>Lists the careers by slug.</summary>
internal sealed class CareerList(CachedReads reads)
{
    public const string Name = "careers";

    private const string Sql = """
        SELECT slug, state - 'learningPath', version, published_at, updated_at FROM career
        WHERE slug > $1 ORDER BY slug LIMIT $2
        """;

    public async Task<ListResult<CareerSummary>> ReadAsync(HttpRequest request, PageRequest page) =>
        new(
            await reads.ReadListAsync(
                request,
                page.Key,
                [CareerTags.Careers],
                (snapshot, cancellationToken) => ReadAsync(snapshot, page, cancellationToken),
                ApiJson.Options
            )
        );

    private static async Task<Page<CareerSummary>> ReadAsync(
        NpgsqlTransaction snapshot,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Sql, snapshot.Connection, snapshot);
        command.Parameters.Add(new() { Value = page.After is [var slug] ? slug : "" });
        command.Parameters.Add(new() { Value = page.Limit + 1 });
        List<CareerSummary> items = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(ToSummary(reader));
        }
        return page.Cut(items, last => [last.Slug]);
    }

    private static CareerSummary ToSummary(NpgsqlDataReader row)
    {
        var body = JsonSerializer.Deserialize<CareerBody>(row.GetString(1), ApiJson.Options)!;
        return new CareerSummary(
            row.GetString(0),
            body.Title,
            body.Summary,
            body.Outlook,
            row.GetInt64(2),
            row.GetDateTime(3),
            row.GetDateTime(4),
            body.Levels
        );
    }
}
