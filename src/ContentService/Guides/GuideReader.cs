using System.Data;
using System.Text.Json;
using BackendGuide.ContentService.Markdown;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>Reads single guides: the public one through the cache, the editor's working copy always fresh.</summary>
internal sealed class GuideReader(CachedReads reads, NpgsqlDataSource database)
{
    // What is only a draft in the locale is not there for the public; what was withdrawn is, as that.
    private const string PublishedSql = """
        SELECT slug, locale, published, version, published_at, updated_at FROM guide
        WHERE slug = $1 AND (locale = $2 OR locale = 'en') AND (published IS NOT NULL OR withdrawn_at IS NOT NULL)
        ORDER BY locale = $2 DESC LIMIT 1
        """;

    private const string IsDraftedSql = """
        SELECT EXISTS (SELECT FROM guide
          WHERE slug = $1 AND (locale = $2 OR locale = 'en') AND published IS NULL AND withdrawn_at IS NULL)
        """;

    private const string WorkingSql = """
        SELECT slug, locale, working, version, published_at, CASE WHEN version = 0 THEN saved_at ELSE updated_at END, revision,
          withdrawn_at IS NOT NULL, scheduled_at IS NOT NULL
        FROM guide WHERE slug = $1 AND (locale = $2 OR locale = 'en') ORDER BY locale = $2 DESC LIMIT 1
        """;

    // What a link leads to is the guide in English, whatever language the link is in; only where there is none, that in the link's own language.
    private const string KnownSql = """
        SELECT 'technology', slug, name, NULL::jsonb, '' FROM technology WHERE slug = ANY($1) AND withdrawn_at IS NULL
        UNION ALL (SELECT DISTINCT ON (slug) 'guide', slug, published->>'title', NULL, locale FROM guide
          WHERE slug = ANY($2) AND locale IN ('en', $4) AND published IS NOT NULL ORDER BY slug, locale = 'en' DESC)
        UNION ALL SELECT 'career', slug, NULL, data, '' FROM career_copy WHERE slug = ANY($3) AND NOT deleted
        """;

    /// <summary>The published guide, in English where it lacks the locale; null where there is none.</summary>
    public Task<Representation?> ReadAsync(HttpRequest request, GuideKey key, GuideForm form) =>
        reads.ReadAsync(
            request,
            $"guide/{key.Slug}?locale={key.Locale}&{form.Key}",
            (snapshot, cancellationToken) => LoadAsync(snapshot, key, form, cancellationToken)
        );

    /// <summary>The working copy as its editor reads it; null where there is none.</summary>
    public async Task<Representation?> ReadPreviewAsync(GuideKey key, GuideForm form, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        return await FindWorkingAsync(snapshot, key, form, cancellationToken);
    }

    /// <summary>The working copy as its editor reads it, in the transaction that wrote it; its tag names the revision.</summary>
    public static async Task<Representation> ReadWorkingAsync(
        NpgsqlTransaction transaction,
        GuideKey key,
        CancellationToken cancellationToken
    ) => (await FindWorkingAsync(transaction, key, GuideForm.Json, cancellationToken))!;

    private static async Task<Representation?> FindWorkingAsync(
        NpgsqlTransaction transaction,
        GuideKey key,
        GuideForm form,
        CancellationToken cancellationToken
    )
    {
        await using var command = transaction.Command(WorkingSql, key.Slug, key.Locale);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }
        var status = GuideStatus.Of(reader.GetInt64(3) > 0, isWithdrawn: reader.GetBoolean(7), isScheduled: reader.GetBoolean(8));
        var (guide, revision) = (ToGuide(reader, status), reader.GetInt64(6));
        await reader.DisposeAsync();
        var body = form.Write(await ResolveAsync(transaction, guide, cancellationToken));
        var tag = Representation.CreateETag(LockedGuide.TagOf(revision), body);
        return new Representation(body, form.ContentType, tag, guide.UpdatedAt) { Language = guide.Locale };
    }

    private static async Task<LoadedAnswer> LoadAsync(
        NpgsqlTransaction snapshot,
        GuideKey key,
        GuideForm form,
        CancellationToken cancellationToken
    )
    {
        var (locale, guide) = await FindPublishedAsync(snapshot, key, cancellationToken);
        var answer =
            locale is null ? new LoadedAnswer(null, ContentTags.OfGuide(key.Slug, []))
            : guide is null ? new LoadedAnswer(WithdrawnAnswer.Representation, ContentTags.OfGuide(key.Slug, []))
            : Answer(await ResolveAsync(snapshot, guide, cancellationToken), form);
        // A draft may be withdrawn, too: then it is gone, which no event says, for nobody but editors knew of it.
        return locale == key.Locale || !await IsDraftedAsync(snapshot, key, cancellationToken) ? answer : answer with { MayBeKept = false };
    }

    private static LoadedAnswer Answer(Guide guide, GuideForm form)
    {
        var representation = Representation.Create(guide.Version, form.Write(guide), form.ContentType, guide.UpdatedAt);
        var tags = ContentTags.OfGuide(guide.Slug, GuideReferences.Of(guide.Sections));
        return new LoadedAnswer(representation with { Language = guide.Locale }, tags);
    }

    /// <returns>The locale that there is for the public, null where there is none; and the guide, null where it is withdrawn.</returns>
    private static async Task<(string? Locale, Guide? Guide)> FindPublishedAsync(
        NpgsqlTransaction snapshot,
        GuideKey key,
        CancellationToken cancellationToken
    )
    {
        await using var command = snapshot.Command(PublishedSql, key.Slug, key.Locale);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return !await row.ReadAsync(cancellationToken) ? (null, null)
            : await row.IsDBNullAsync(2, cancellationToken) ? (row.GetString(1), null)
            : (row.GetString(1), ToGuide(row, GuideStatus.Published));
    }

    private static async Task<bool> IsDraftedAsync(NpgsqlTransaction snapshot, GuideKey key, CancellationToken cancellationToken)
    {
        await using var command = snapshot.Command(IsDraftedSql, key.Slug, key.Locale);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<Guide> ResolveAsync(NpgsqlTransaction snapshot, Guide guide, CancellationToken cancellationToken)
    {
        var known = await ReadKnownAsync(snapshot, guide, cancellationToken);
        return guide with { Sections = ResolvedGuide.Resolve(guide.Sections, known) };
    }

    private static async Task<KnownReferences> ReadKnownAsync(NpgsqlTransaction snapshot, Guide guide, CancellationToken cancellationToken)
    {
        var slugs = GuideReferences.Of(guide.Sections).ToLookup(reference => reference.Kind, reference => reference.Slug);
        await using var command = new NpgsqlCommand(KnownSql, snapshot.Connection, snapshot);
        foreach (var kind in new[] { Reference.Technology, Reference.Guide, Reference.Career })
        {
            command.Parameters.Add(new() { Value = slugs[kind].Distinct().ToArray() });
        }
        command.Parameters.Add(new() { Value = guide.Locale });
        Dictionary<string, string> technologies = [];
        Dictionary<string, TitledLink> guides = [];
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
                    guides.Add(slug, new TitledLink(reader.GetString(2), new GuideKey(slug, reader.GetString(4)).Href));
                    break;
                default:
                    careers.Add(slug, JsonSerializer.Deserialize<CareerPublished>(reader.GetString(3), EventJson.Options)!);
                    break;
            }
        }
        return new KnownReferences(technologies, guides, careers);
    }

    /// <summary>Reads slug, locale, body, version, publication and update, in this order.</summary>
    internal static Guide ToGuide(NpgsqlDataReader row, string status)
    {
        var body = JsonSerializer.Deserialize<GuideBody>(row.GetString(2), ContentJson.Stored)!;
        return new Guide(
            Slug: row.GetString(0),
            Locale: row.GetString(1),
            body.Title,
            body.Summary,
            body.Tags,
            status,
            Version: row.GetInt64(3),
            PublishedAt: row.IsDBNull(4) ? null : row.GetDateTime(4),
            UpdatedAt: row.GetDateTime(5),
            body.Sections
        );
    }
}
