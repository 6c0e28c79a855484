using System.Text.Json;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Technologies;

/// <summary>A step of a career's learning path that names a technology.</summary>
internal sealed record TechnologyCareer(string Career, string Title, string Step);

/// <summary>All of a list that is not paged.</summary>
internal sealed record TechnologyCareerList(IReadOnlyList<TechnologyCareer> Items);

/// <summary>Reads which careers want a technology, from this service's copy of the careers.</summary>
internal sealed class TechnologyCareers(CachedReads reads)
{
    private const string TechnologySql = "SELECT version, updated_at, withdrawn_at IS NOT NULL FROM technology WHERE slug = $1";

    private const string CareersSql = """
        SELECT c.slug, c.data->>'title', step.value->>'id'
        FROM career_copy c CROSS JOIN LATERAL jsonb_array_elements(c.data->'learningPath') WITH ORDINALITY AS step(value, n)
        WHERE NOT c.deleted AND c.data->'learningPath' @> jsonb_build_array(jsonb_build_object('topics', jsonb_build_array($1::text)))
          AND step.value->'topics' ? $1
        ORDER BY c.slug, step.n
        """;

    /// <summary>The careers; null where there is no such technology.</summary>
    public Task<Representation?> ReadAsync(HttpRequest request, string slug) =>
        reads.ReadAsync(
            request,
            $"technology/{slug}/careers",
            async (snapshot, cancellationToken) =>
                new LoadedAnswer(await ReadAsync(snapshot, slug, cancellationToken), ContentTags.OfCareersOf(slug))
        );

    private static async Task<Representation?> ReadAsync(NpgsqlTransaction snapshot, string slug, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(snapshot.Connection, snapshot);
        foreach (var sql in new[] { TechnologySql, CareersSql })
        {
            batch.BatchCommands.Add(new(sql) { Parameters = { new() { Value = slug } } });
        }
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }
        var (version, updatedAt, isWithdrawn) = (row.GetInt64(0), row.GetDateTime(1), row.GetBoolean(2));
        if (isWithdrawn)
        {
            return WithdrawnAnswer.Representation;
        }
        await row.NextResultAsync(cancellationToken);
        List<TechnologyCareer> careers = [];
        while (await row.ReadAsync(cancellationToken))
        {
            careers.Add(new TechnologyCareer(row.GetString(0), row.GetString(1), row.GetString(2)));
        }
        var body = JsonSerializer.SerializeToUtf8Bytes(new TechnologyCareerList(careers), ApiJson.Options);
        return Representation.Create(version, body, MediaTypes.Json, updatedAt);
    }
}
