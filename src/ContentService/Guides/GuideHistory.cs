using BackendGuide.ContentService.Markdown;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>Reads guides as the public read them at a time that is over.</summary>
internal sealed class GuideHistory(NpgsqlDataSource database)
{
    private const string AsOfSql = """
        SELECT g.slug, g.locale, r.body, p.version, g.published_at, p.at
        FROM guide g
        LEFT JOIN LATERAL (
          SELECT version, revision, at FROM guide_publication WHERE guide_id = g.id AND at <= $3 ORDER BY version DESC LIMIT 1) p ON true
        LEFT JOIN guide_revision r ON r.guide_id = g.id AND r.revision = p.revision
        WHERE g.slug = $1 AND (g.locale = $2 OR g.locale = 'en') AND (p.version IS NOT NULL OR (g.version = 0 AND g.withdrawn_at <= $3))
        ORDER BY g.locale = $2 DESC LIMIT 1
        """;

    /// <summary>
    /// The guide as it was published at that time, in English where it lacked the locale then, and without what its references resolved to; null
    /// where it was not published yet.
    /// </summary>
    public async Task<Representation?> ReadAsOfAsync(GuideKey key, DateTime asOf, GuideForm form, CancellationToken cancellationToken)
    {
        await using var command = database.Command(AsOfSql, key.Slug, key.Locale, asOf);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }
        if (await row.IsDBNullAsync(2, cancellationToken))
        {
            return WithdrawnAnswer.Representation;
        }
        var guide = GuideReader.ToGuide(row, GuideStatus.Published);
        var body = form.WriteUnresolved(guide);
        return Representation.Create(guide.Version, body, form.ContentType, guide.UpdatedAt) with { Language = guide.Locale };
    }
}
