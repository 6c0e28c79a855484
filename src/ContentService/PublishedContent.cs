using System.Runtime.CompilerServices;
using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Technologies;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Log;
using Npgsql;

namespace BackendGuide.ContentService;

/// <summary>All that this service publishes, as its tables have it: what other services make their copies anew from.</summary>
internal static class PublishedContent
{
    private const string TechnologiesSql = """
        SELECT slug, version, updated_at, name, category, summary, website, withdrawn_at IS NOT NULL FROM technology
        """;

    // Of a withdrawn one the revision that was public last: its title goes with the withdrawal.
    private const string GuidesSql = """
        SELECT g.slug, g.locale, g.version, g.updated_at, g.published_at, coalesce(g.published, r.body), g.published IS NOT NULL
        FROM guide g LEFT JOIN guide_revision r ON g.published IS NULL AND r.guide_id = g.id AND r.revision = g.published_revision
        WHERE g.version > 0
        """;

    public static async IAsyncEnumerable<CurrentState> ReadAsync(
        NpgsqlTransaction snapshot,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using (var technologies = new NpgsqlCommand(TechnologiesSql, snapshot.Connection, snapshot))
        {
            await using var row = await technologies.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                yield return ToTechnology(row);
            }
        }
        await using var guides = new NpgsqlCommand(GuidesSql, snapshot.Connection, snapshot);
        await using var guide = await guides.ExecuteReaderAsync(cancellationToken);
        while (await guide.ReadAsync(cancellationToken))
        {
            yield return ToGuide(guide);
        }
    }

    private static CurrentState ToTechnology(NpgsqlDataReader row)
    {
        var (slug, version, updatedAt) = (row.GetString(0), row.GetInt64(1), row.GetDateTime(2));
        if (row.GetBoolean(7))
        {
            var withdrawn = new TechnologyWithdrawn(slug, version, row.GetString(3), updatedAt);
            return new CurrentState(EventTypes.TechnologyWithdrawn, TechnologyWriter.Subject(slug), version, updatedAt, withdrawn);
        }
        var website = row.IsDBNull(6) ? null : row.GetString(6);
        var data = new TechnologyPublished(slug, version, row.GetString(3), row.GetString(4), row.GetString(5), website, updatedAt);
        return new CurrentState(EventTypes.TechnologyPublished, TechnologyWriter.Subject(slug), version, updatedAt, data);
    }

    private static CurrentState ToGuide(NpgsqlDataReader row)
    {
        var (slug, locale, version, updatedAt) = (row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetDateTime(3));
        var body = JsonSerializer.Deserialize<GuideBody>(row.GetString(5), ContentJson.Stored)!;
        var subject = new GuideKey(slug, locale).Subject;
        if (!row.GetBoolean(6))
        {
            var withdrawn = new GuideWithdrawn(slug, locale, version, body.Title, updatedAt);
            return new CurrentState(EventTypes.GuideWithdrawn, subject, version, updatedAt, withdrawn);
        }
        var data = new GuidePublished(slug, locale, version, body.Title, body.Summary, body.Tags, row.GetDateTime(4), updatedAt);
        return new CurrentState(EventTypes.GuidePublished, subject, version, updatedAt, data);
    }
}
