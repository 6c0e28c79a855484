using System.Text.Json;
using BackendGuide.ContentService.LinkedData;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.LinkedData;
using Npgsql;

namespace BackendGuide.ContentService.Technologies;

/// <summary>Reads single technologies through the cache.</summary>
internal sealed class TechnologyReader(CachedReads reads)
{
    private const string TechnologySql =
        "SELECT slug, name, category, summary, website, version, updated_at, withdrawn_at IS NOT NULL FROM technology WHERE slug = $1";

    private const string GuidesSql = """
        SELECT slug, title FROM guide_facet WHERE kind = 'technology' AND value = $1 AND locale = 'en' ORDER BY slug
        """;

    /// <summary>The technology; null where there is none.</summary>
    public Task<Representation?> ReadAsync(HttpRequest request, string slug, LinkedForm form) =>
        reads.ReadAsync(
            request,
            $"technology/{slug}?{form.Key}",
            () => [new NpgsqlBatchCommand(TechnologySql) { Parameters = { new() { Value = slug } } }, Guides(slug)],
            async (results, cancellationToken) =>
                new LoadedAnswer(await ReadAsync(results, form, cancellationToken), ContentTags.OfTechnology(slug))
        );

    private static async Task<Representation?> ReadAsync(NpgsqlDataReader reader, LinkedForm form, CancellationToken cancellationToken)
    {
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }
        if (reader.GetBoolean(7))
        {
            return WithdrawnAnswer.Representation;
        }
        var technology = TechnologyList.ToSummary(reader);
        await reader.NextResultAsync(cancellationToken);
        var whole = new Technology(
            technology.Slug,
            technology.Name,
            technology.Category,
            technology.Summary,
            technology.Website,
            technology.Version,
            technology.UpdatedAt,
            await ReadGuidesAsync(reader, cancellationToken)
        );
        return Write(whole, form);
    }

    /// <summary>Asks for the published English guides that name a technology.</summary>
    public static NpgsqlBatchCommand Guides(string slug) => new(GuidesSql) { Parameters = { new() { Value = slug } } };

    /// <summary>What <see cref="Guides"/> asked for.</summary>
    public static async Task<IReadOnlyList<GuideLink>> ReadGuidesAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        List<GuideLink> guides = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            guides.Add(new GuideLink(reader.GetString(0), reader.GetString(1)));
        }
        return guides;
    }

    /// <summary>The technology as it is answered with.</summary>
    public static Representation Write(Technology technology, LinkedForm form) =>
        form.Write(
            technology.Version,
            technology.UpdatedAt,
            () => JsonSerializer.SerializeToUtf8Bytes(technology, ContentJson.Public),
            origin => LinkedTechnology.Write(technology, origin)
        );
}
