using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>What public guides are found by: each by being there, its tags, and the technologies and careers that it names.</summary>
internal static class GuideFacets
{
    public const string All = "all";
    public const string Tag = "tag";

    private const string RewriteSql = """
        WITH wanted AS (SELECT kind, value FROM unnest($2, $3) AS f(kind, value)),
          gone AS (DELETE FROM guide_facet WHERE guide_id = $1 AND (kind, value) NOT IN (SELECT kind, value FROM wanted) RETURNING kind, value),
          come AS (
            INSERT INTO guide_facet(guide_id, kind, value, locale, slug, title, newest_published, newest_updated)
            SELECT g.id, f.kind, f.value, g.locale, g.slug, g.published->>'title',
              -(extract(epoch FROM g.published_at) * 1000000)::bigint, -(extract(epoch FROM g.updated_at) * 1000000)::bigint
            FROM guide g CROSS JOIN wanted f WHERE g.id = $1
            ON CONFLICT (guide_id, kind, value) DO UPDATE
              SET title = excluded.title, newest_published = excluded.newest_published, newest_updated = excluded.newest_updated)
        SELECT kind, value FROM gone
        """;

    /// <summary>Rewrites the facets of a guide that was just published.</summary>
    /// <returns>What it named until now and names no longer.</returns>
    public static Task<IReadOnlyList<(string Kind, string Slug)>> RewriteAsync(
        NpgsqlTransaction transaction,
        Guid id,
        GuideBody body,
        IEnumerable<Reference> references,
        CancellationToken cancellationToken
    )
    {
        var named = references.Where(it => it.Kind is Reference.Technology or Reference.Career).Select(it => (it.Kind, it.Slug));
        return RewriteAsync(transaction, id, [(All, ""), .. body.Tags.Select(tag => (Tag, tag)), .. named], cancellationToken);
    }

    /// <summary>Removes the facets of a guide that is no longer public.</summary>
    /// <returns>What it named.</returns>
    public static Task<IReadOnlyList<(string Kind, string Slug)>> RemoveAsync(
        NpgsqlTransaction transaction,
        Guid id,
        CancellationToken cancellationToken
    ) => RewriteAsync(transaction, id, [], cancellationToken);

    private static async Task<IReadOnlyList<(string Kind, string Slug)>> RewriteAsync(
        NpgsqlTransaction transaction,
        Guid id,
        IEnumerable<(string Kind, string Value)> facets,
        CancellationToken cancellationToken
    )
    {
        var wanted = facets.Distinct().ToList();
        await using var rewrite = new NpgsqlCommand(RewriteSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = id },
                new() { Value = wanted.Select(facet => facet.Kind).ToArray() },
                new() { Value = wanted.Select(facet => facet.Value).ToArray() },
            },
        };
        List<(string, string)> gone = [];
        await using var row = await rewrite.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            gone.Add((row.GetString(0), row.GetString(1)));
        }
        return gone;
    }
}
