using System.Globalization;
using System.Text.Json;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>Lists the published guides, the newest publication first.</summary>
internal sealed class GuideList(CachedReads reads)
{
    public const string Name = "guides";

    private const string Sql = """
        SELECT slug, locale, published - 'sections', version, published_at, updated_at FROM guide
        WHERE published IS NOT NULL AND locale = $4
          AND ($1::timestamptz IS NULL OR published_at < $1 OR published_at = $1 AND slug > $2)
        ORDER BY published_at DESC, slug LIMIT $3
        """;

    public async Task<ListResult<GuideSummary>> ReadAsync(HttpRequest request, PageRequest page, string locale) =>
        new(
            await reads.ReadListAsync(
                request,
                $"{page.Key}/{locale}",
                [ContentTags.Guides],
                (snapshot, cancellationToken) => ReadAsync(snapshot, page, locale, cancellationToken),
                ApiJson.Options
            )
        );

    private static async Task<Page<GuideSummary>> ReadAsync(
        NpgsqlTransaction snapshot,
        PageRequest page,
        string locale,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Sql, snapshot.Connection, snapshot);
        command.Parameters.Add(
            new() { Value = page.After is [var text, _] && TryParse(text, out var publishedAt) ? publishedAt : DBNull.Value }
        );
        command.Parameters.Add(new() { Value = page.After is [_, var slug] ? slug : DBNull.Value });
        command.Parameters.Add(new() { Value = page.Limit + 1 });
        command.Parameters.Add(new() { Value = locale });
        List<GuideSummary> items = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(ToSummary(reader));
        }
        return page.Cut(items, last => [last.PublishedAt!.Value.ToString("O", CultureInfo.InvariantCulture), last.Slug]);
    }

    /// <summary>The key is the publication's time and the slug.</summary>
    public static bool IsKey(string[] key) => TryParse(key[0], out _) && Slug.IsValid(key[1]);

    private static bool TryParse(string text, out DateTime time) =>
        DateTime.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out time)
        && time.Kind == DateTimeKind.Utc;

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
