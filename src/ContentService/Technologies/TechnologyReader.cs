using System.Data;
using System.Text.Json;
using BackendGuide.ServiceDefaults.Caching;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Technologies;

/// <summary>Reads single technologies through the cache.</summary>
internal sealed class TechnologyReader(NpgsqlDataSource database, ReadCache cache)
{
    private const string VersionsSql = """
        SELECT t.id || '@' || t.version || ' epoch ' || (SELECT epoch FROM feed_meta) || coalesce((
          SELECT string_agg(' ' || g.slug || '@' || g.version, '' ORDER BY g.slug)
          FROM guide_reference r JOIN guide g ON g.id = r.guide_id
          WHERE r.kind = 'technology' AND r.slug = t.slug AND g.locale = 'en' AND g.published IS NOT NULL), '')
        FROM technology t WHERE t.slug = $1
        """;

    private const string TechnologySql =
        "SELECT slug, name, category, summary, website, version, updated_at FROM technology WHERE slug = $1";

    private const string GuidesSql = """
        SELECT g.slug, g.published->>'title' FROM guide_reference r JOIN guide g ON g.id = r.guide_id
        WHERE r.kind = 'technology' AND r.slug = $1 AND g.locale = 'en' AND g.published IS NOT NULL ORDER BY g.slug
        """;

    /// <summary>The technology; null where there is none.</summary>
    public async Task<Representation?> ReadAsync(string slug, CancellationToken cancellationToken)
    {
        await using var versions = database.CreateCommand(VersionsSql);
        versions.Parameters.Add(new() { Value = slug });
        return await versions.ExecuteScalarAsync(cancellationToken) is string seen
            ? await cache.GetOrLoadAsync($"technology/{slug}", seen, token => LoadAsync(slug, token), cancellationToken)
            : null;
    }

    private async Task<(string, Representation)?> LoadAsync(string slug, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        return await ReadAsync(snapshot, slug, cancellationToken);
    }

    /// <summary>The technology as a transaction sees it, with the versions of all that the answer is made of.</summary>
    public static async Task<(string Versions, Representation Body)?> ReadAsync(
        NpgsqlTransaction snapshot,
        string slug,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(snapshot.Connection, snapshot);
        foreach (var sql in new[] { VersionsSql, TechnologySql, GuidesSql })
        {
            batch.BatchCommands.Add(new(sql) { Parameters = { new() { Value = slug } } });
        }
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }
        var versions = reader.GetString(0);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var technology = TechnologyList.ToSummary(reader);
        await reader.NextResultAsync(cancellationToken);
        List<GuideLink> guides = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            guides.Add(new GuideLink(reader.GetString(0), reader.GetString(1)));
        }
        var whole = new Technology(
            technology.Slug,
            technology.Name,
            technology.Category,
            technology.Summary,
            technology.Website,
            technology.Version,
            technology.UpdatedAt,
            guides
        );
        var body = JsonSerializer.SerializeToUtf8Bytes(whole, ContentJson.Public);
        return (versions, Representation.Create(whole.Version, body, MediaTypes.Json, whole.UpdatedAt));
    }
}
