using System.Text.Json;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.CareerService.Careers;

/// <summary>Lists the careers by slug: those that there are, or those that there were at a time.</summary>
internal sealed class CareerList(CachedReads reads)
{
    internal const string Sql = """
        SELECT slug, state - 'learningPath', version, published_at, updated_at FROM career
        WHERE withdrawn_at IS NULL AND slug > $1 ORDER BY slug LIMIT $2
        """;

    internal const string AsOfSql = """
        SELECT c.slug, r.state - 'learningPath', r.version, c.published_at, r.saved_at
        FROM career c CROSS JOIN LATERAL (
          SELECT state, version, saved_at FROM career_revision WHERE career_id = c.id AND saved_at <= $3 ORDER BY saved_at DESC LIMIT 1) r
        WHERE c.slug > $1 AND c.published_at <= $3 AND r.state IS NOT NULL ORDER BY c.slug LIMIT $2
        """;

    /// <summary>The list that cursors belong to: at another time it is another one.</summary>
    public static string NameOf(CareerMoment when) => when == CareerMoment.Now ? "careers" : $"careers?{when.Key}";

    public async Task<ListResult<CareerSummary>> ReadAsync(HttpRequest request, PageRequest page, CareerMoment when, FieldSelection? fields)
    {
        var list = await reads.ReadAsync(
            request,
            $"{page.Key}&fields={fields?.Key}",
            async (snapshot, cancellationToken) =>
            {
                var cut = await ReadAsync(snapshot, page, when, cancellationToken);
                return new LoadedAnswer(Representation.OfPage(cut, fields), [CareerTags.Careers]);
            }
        );
        return new ListResult<CareerSummary>(list!); // a list may be empty, and is always there
    }

    private static async Task<Page<CareerSummary>> ReadAsync(
        NpgsqlTransaction snapshot,
        PageRequest page,
        CareerMoment when,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(when.AsOf is null ? Sql : AsOfSql, snapshot.Connection, snapshot);
        command.Parameters.Add(new() { Value = page.After is [var slug] ? slug : "" });
        command.Parameters.Add(new() { Value = page.Limit + 1 });
        if (when.AsOf is { } time)
        {
            command.Parameters.Add(new() { Value = time });
        }
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
