using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>Reads single guides: the public one through the cache, the editor's working copy always fresh.</summary>
internal sealed class GuideReader(CachedReads reads)
{
    private const string PublishedSql = """
        SELECT slug, locale, published, version, published_at, updated_at FROM guide
        WHERE slug = $1 AND locale = 'en' AND published IS NOT NULL
        """;

    private const string WorkingSql = """
        SELECT slug, locale, working, version, published_at, CASE WHEN version = 0 THEN saved_at ELSE updated_at END, revision
        FROM guide WHERE slug = $1 AND locale = 'en'
        """;

    private const string KnownSql = """
        SELECT 'technology', slug, name, NULL::jsonb FROM technology WHERE slug = ANY($1)
        UNION ALL SELECT 'guide', slug, published->>'title', NULL FROM guide WHERE slug = ANY($2) AND locale = 'en' AND published IS NOT NULL
        UNION ALL SELECT 'career', slug, NULL, data FROM career_copy WHERE slug = ANY($3) AND NOT deleted
        """;

    /// <summary>The published guide; null where there is none.</summary>
    public Task<Representation?> ReadAsync(HttpRequest request, string slug) =>
        reads.ReadAsync(request, $"guide/{slug}", (snapshot, cancellationToken) => LoadAsync(snapshot, slug, cancellationToken));

    /// <summary>The working copy as its editor reads it, in the transaction that wrote it; its tag names the revision.</summary>
    public static async Task<Representation> ReadWorkingAsync(
        NpgsqlTransaction transaction,
        string slug,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(WorkingSql, transaction.Connection, transaction)
        {
            Parameters = { new() { Value = slug } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (guide, revision) = (ToGuide(reader), reader.GetInt64(6));
        await reader.DisposeAsync();
        var body = await SerializeAsync(transaction, guide, cancellationToken);
        return new Representation(body, MediaTypes.Json, Representation.CreateETag($"r{revision}", body), guide.UpdatedAt);
    }

    private static async Task<LoadedAnswer> LoadAsync(NpgsqlTransaction snapshot, string slug, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PublishedSql, snapshot.Connection, snapshot)
        {
            Parameters = { new() { Value = slug } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return new LoadedAnswer(null, ContentTags.OfGuide(slug, []));
        }
        var guide = ToGuide(reader);
        await reader.DisposeAsync();
        var body = await SerializeAsync(snapshot, guide, cancellationToken);
        return new LoadedAnswer(
            Representation.Create(guide.Version, body, MediaTypes.Json, guide.UpdatedAt),
            ContentTags.OfGuide(slug, GuideReferences.Of(guide.Sections))
        );
    }

    private static async Task<byte[]> SerializeAsync(NpgsqlTransaction snapshot, Guide guide, CancellationToken cancellationToken)
    {
        var known = await ReadKnownAsync(snapshot, guide.Sections, cancellationToken);
        var resolved = guide with { Sections = ResolvedGuide.Resolve(guide.Sections, known) };
        return JsonSerializer.SerializeToUtf8Bytes(resolved, ContentJson.Public);
    }

    private static async Task<KnownReferences> ReadKnownAsync(
        NpgsqlTransaction snapshot,
        IReadOnlyList<Section> sections,
        CancellationToken cancellationToken
    )
    {
        var slugs = GuideReferences.Of(sections).ToLookup(reference => reference.Kind, reference => reference.Slug);
        await using var command = new NpgsqlCommand(KnownSql, snapshot.Connection, snapshot);
        foreach (var kind in new[] { Reference.Technology, Reference.Guide, Reference.Career })
        {
            command.Parameters.Add(new() { Value = slugs[kind].Distinct().ToArray() });
        }
        Dictionary<string, string> technologies = [];
        Dictionary<string, string> guides = [];
        Dictionary<string, CareerPublished> careers = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var slug = reader.GetString(1);
            switch (reader.GetString(0))
            {
                case Reference.Technology:
                    technologies.Add(slug, reader.GetString(2));
                    break;
                case Reference.Guide:
                    guides.Add(slug, reader.GetString(2));
                    break;
                default:
                    careers.Add(slug, JsonSerializer.Deserialize<CareerPublished>(reader.GetString(3), EventJson.Options)!);
                    break;
            }
        }
        return new KnownReferences(technologies, guides, careers);
    }

    private static Guide ToGuide(NpgsqlDataReader row)
    {
        var body = JsonSerializer.Deserialize<GuideBody>(row.GetString(2), ContentJson.Stored)!;
        var version = row.GetInt64(3);
        return new Guide(
            Slug: row.GetString(0),
            Locale: row.GetString(1),
            body.Title,
            body.Summary,
            body.Tags,
            Status: version == 0 ? GuideStatus.Draft : GuideStatus.Published,
            version,
            PublishedAt: row.IsDBNull(4) ? null : row.GetDateTime(4),
            UpdatedAt: row.GetDateTime(5),
            body.Sections
        );
    }
}
