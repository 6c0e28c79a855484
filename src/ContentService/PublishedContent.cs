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
    private const string TechnologiesSql = "SELECT slug, version, updated_at, name, category, summary, website FROM technology";

    private const string GuidesSql = """
        SELECT slug, locale, version, updated_at, published_at, published FROM guide WHERE published IS NOT NULL
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
        var website = row.IsDBNull(6) ? null : row.GetString(6);
        var data = new TechnologyPublished(slug, version, row.GetString(3), row.GetString(4), row.GetString(5), website, updatedAt);
        return new CurrentState(EventTypes.TechnologyPublished, TechnologyWriter.Subject(slug), version, updatedAt, data);
    }

    private static CurrentState ToGuide(NpgsqlDataReader row)
    {
        var (slug, locale, version, updatedAt) = (row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetDateTime(3));
        var body = JsonSerializer.Deserialize<GuideBody>(row.GetString(5), ContentJson.Stored)!;
        var data = new GuidePublished(slug, locale, version, body.Title, body.Summary, body.Tags, row.GetDateTime(4), updatedAt);
        return new CurrentState(EventTypes.GuidePublished, GuideWriter.Subject(slug, locale), version, updatedAt, data);
    }
}
