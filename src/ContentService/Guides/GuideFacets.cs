using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>What public guides are found by: each by being there, its tags, and the technologies and careers that it names.</summary>
internal static class GuideFacets
{
    public const string All = "all";
    public const string Tag = "tag";

    private const string RewriteSql = """
        WITH wanted AS MATERIALIZED (SELECT id, kind, value FROM unnest($2, $3, $4) AS f(id, kind, value)),
          gone AS (
            DELETE FROM guide_facet f WHERE f.guide_id = ANY ($1) AND (f.guide_id, f.kind, f.value) NOT IN (SELECT id, kind, value FROM wanted)
            RETURNING f.guide_id, f.kind, f.value),
          come AS (
            INSERT INTO guide_facet(guide_id, kind, value, locale, slug, title, newest_published, newest_updated)
            SELECT g.id, f.kind, f.value, g.locale, g.slug, g.published->>'title',
              -(extract(epoch FROM g.published_at) * 1000000)::bigint, -(extract(epoch FROM g.updated_at) * 1000000)::bigint
            FROM wanted f JOIN guide g ON g.id = f.id
            ON CONFLICT (guide_id, kind, value) DO UPDATE
              SET title = excluded.title, newest_published = excluded.newest_published, newest_updated = excluded.newest_updated)
        SELECT guide_id, kind, value FROM gone
        """;

    /// <summary>Rewrites the facets of guides that were just published.</summary>
    /// <returns>By the guide, what it named until now and names no longer.</returns>
    public static Task<ILookup<Guid, (string Kind, string Slug)>> RewriteAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<PublishedGuide> guides,
        CancellationToken cancellationToken
    ) =>
        RewriteAsync(
            transaction,
            [.. guides.Select(guide => guide.Id)],
            guides.SelectMany(guide => Of(guide).Distinct().Select(facet => (guide.Id, facet.Kind, facet.Value))),
            cancellationToken
        );

    /// <summary>Removes the facets of a guide that is no longer public.</summary>
    /// <returns>What it named.</returns>
    public static async Task<IEnumerable<(string Kind, string Slug)>> RemoveAsync(
        NpgsqlTransaction transaction,
        Guid id,
        CancellationToken cancellationToken
    ) => (await RewriteAsync(transaction, [id], [], cancellationToken))[id];

    private static IEnumerable<(string Kind, string Value)> Of(PublishedGuide guide) =>
        [
            (All, ""),
            .. guide.Body.Tags.Select(tag => (Tag, tag)),
            .. guide.References.Where(it => it.Kind is Reference.Technology or Reference.Career).Select(it => (it.Kind, it.Slug)),
        ];

    private static async Task<ILookup<Guid, (string Kind, string Slug)>> RewriteAsync(
        NpgsqlTransaction transaction,
        Guid[] ids,
        IEnumerable<(Guid Id, string Kind, string Value)> facets,
        CancellationToken cancellationToken
    )
    {
        var wanted = facets.ToList();
        await using var rewrite = new NpgsqlCommand(RewriteSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = ids },
                new() { Value = wanted.Select(facet => facet.Id).ToArray() },
                new() { Value = wanted.Select(facet => facet.Kind).ToArray() },
                new() { Value = wanted.Select(facet => facet.Value).ToArray() },
            },
        };
        List<(Guid Id, string Kind, string Value)> gone = [];
        await using var row = await rewrite.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            gone.Add((row.GetGuid(0), row.GetString(1), row.GetString(2)));
        }
        return gone.ToLookup(facet => facet.Id, facet => (facet.Kind, facet.Value));
    }
}
