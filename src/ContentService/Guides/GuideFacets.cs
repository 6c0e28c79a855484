using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>What public guides are found by: each by being there, its tags, and the technologies and careers that it names.</summary>
internal static class GuideFacets
{
    public const string All = "all";
    public const string Tag = "tag";

    // What a facet repeats of its guide comes with the statement: to read the title out of the stored guide for each of its facets was most of their price.
    private const string RewriteSql = """
        WITH public AS MATERIALIZED (
            SELECT id, locale, slug, title, -(extract(epoch FROM published_at) * 1000000)::bigint AS newest_published,
              -(extract(epoch FROM updated_at) * 1000000)::bigint AS newest_updated
            FROM unnest($5, $6, $7, $8, $9, $10) AS g(id, locale, slug, title, published_at, updated_at)),
          wanted AS MATERIALIZED (SELECT id, kind, value FROM unnest($2, $3, $4) AS f(id, kind, value)),
          gone AS (
            DELETE FROM guide_facet f WHERE f.guide_id = ANY ($1) AND (f.guide_id, f.kind, f.value) NOT IN (SELECT id, kind, value FROM wanted)
            RETURNING f.guide_id, f.kind, f.value),
          come AS (
            INSERT INTO guide_facet(guide_id, kind, value, locale, slug, title, newest_published, newest_updated)
            SELECT id, kind, value, locale, slug, title, newest_published, newest_updated FROM wanted JOIN public USING (id)
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
    ) => RewriteAsync(transaction, [.. guides.Select(guide => guide.Id)], guides, cancellationToken);

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

    /// <param name="transaction">The publication's, or the withdrawal's.</param>
    /// <param name="ids">Whose facets are rewritten.</param>
    /// <param name="guides">Those of them that are public.</param>
    /// <param name="cancellationToken">The request's.</param>
    private static async Task<ILookup<Guid, (string Kind, string Slug)>> RewriteAsync(
        NpgsqlTransaction transaction,
        Guid[] ids,
        IReadOnlyList<PublishedGuide> guides,
        CancellationToken cancellationToken
    )
    {
        var wanted = guides.SelectMany(guide => Of(guide).Distinct().Select(facet => (guide.Id, facet.Kind, facet.Value))).ToList();
        await using var rewrite = new NpgsqlCommand(RewriteSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = ids },
                new() { Value = wanted.Select(facet => facet.Id).ToArray() },
                new() { Value = wanted.Select(facet => facet.Kind).ToArray() },
                new() { Value = wanted.Select(facet => facet.Value).ToArray() },
                new() { Value = guides.Select(guide => guide.Id).ToArray() },
                new() { Value = guides.Select(guide => guide.Key.Locale).ToArray() },
                new() { Value = guides.Select(guide => guide.Key.Slug).ToArray() },
                new() { Value = guides.Select(guide => guide.Body.Title).ToArray() },
                new() { Value = guides.Select(guide => guide.PublishedAt).ToArray() },
                new() { Value = guides.Select(guide => guide.UpdatedAt).ToArray() },
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
