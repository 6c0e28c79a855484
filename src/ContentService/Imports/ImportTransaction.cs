using BackendGuide.ContentService.Guides;
using BackendGuide.Eventing.Log;
using Npgsql;
using NpgsqlTypes;

namespace BackendGuide.ContentService.Imports;

/// <summary>
/// Saves and publishes many guides in one transaction, to the same rows and events as <see cref="GuideWriter"/> and <see cref="GuidePublisher"/> do
/// one by one: what they do in six statements for each guide are five for all of them here.
/// </summary>
/// <remarks>
/// Rows are locked and made in one order, known ones before new ones, and an import never locks a row after it has made one: so imports wait for one
/// another, for editors and for withdrawals, and nobody waits in a circle.
/// </remarks>
internal sealed class ImportTransaction(NpgsqlTransaction transaction, string author, DateTime now)
{
    // Search entries are written later. And what is prepared while a table has few rows is still used when it has many: without sequential scans it
    // is never to read all of it for each guide, by the checks of foreign keys, too. Where there is no other way, their price would have each such
    // statement compiled first, which takes a hundred times as long as to run it.
    private const string SettingsSql = """
        SELECT set_config('backendguide.search_later', 'on', true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
        """;

    // In the order in which whoever locks all locales of a guide does it.
    internal const string LockSql = """
        SELECT g.id, g.slug, g.locale
        FROM unnest($1, $2) AS line(slug, locale) JOIN guide g ON g.slug = line.slug AND g.locale = line.locale
        ORDER BY g.slug, g.locale = 'en', g.locale FOR UPDATE OF g
        """;

    private const string CreateSql = """
        WITH line AS MATERIALIZED (
          SELECT * FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS l(id, slug, locale, body, publishes, place)),
        created AS (
          INSERT INTO guide(id, slug, locale, working, revision, saved_at, published, published_revision, version, published_at, updated_at)
          SELECT id, slug, locale, body, 1, $6, CASE WHEN publishes THEN body END, CASE WHEN publishes THEN 1 END, publishes::int,
            CASE WHEN publishes THEN $6 END, CASE WHEN publishes THEN $6 END
          FROM line ORDER BY place ON CONFLICT DO NOTHING RETURNING id),
        kept AS (
          INSERT INTO guide_revision(guide_id, revision, author, saved_at, body)
          SELECT id, 1, $7, $6, body FROM created JOIN line USING (id)),
        made AS (
          INSERT INTO guide_publication(guide_id, version, revision, at) SELECT id, 1, 1, $6 FROM created JOIN line USING (id) WHERE publishes)
        SELECT count(*) FROM created
        """;

    internal const string ChangeSql = """
        WITH line AS MATERIALIZED (SELECT * FROM unnest($1, $2, $3) AS l(id, body, publishes)),
        wanted AS MATERIALIZED (
          SELECT id, body, g.working <> body AS saves, publishes AND g.published IS DISTINCT FROM body AS publishes,
            publishes AND g.published = body AS is_public, publishes AND g.scheduled_at IS NOT NULL AS unschedules
          FROM line JOIN guide g USING (id)),
        changed AS (
          UPDATE guide g SET
            working = CASE WHEN saves THEN body ELSE g.working END,
            revision = g.revision + saves::int,
            saved_at = CASE WHEN saves THEN $4 ELSE g.saved_at END,
            published = CASE WHEN publishes THEN body ELSE g.published END,
            published_revision = CASE WHEN publishes THEN g.revision + saves::int ELSE g.published_revision END,
            version = g.version + publishes::int,
            published_at = CASE WHEN publishes THEN coalesce(g.published_at, $4) ELSE g.published_at END,
            updated_at = CASE WHEN publishes THEN greatest($4, g.updated_at + interval '1 microsecond') ELSE g.updated_at END,
            withdrawn_at = CASE WHEN publishes THEN NULL ELSE g.withdrawn_at END,
            scheduled_at = CASE WHEN unschedules THEN NULL ELSE g.scheduled_at END,
            scheduled_revision = CASE WHEN unschedules THEN NULL ELSE g.scheduled_revision END
          FROM wanted w WHERE g.id = w.id AND (saves OR publishes OR unschedules)
          RETURNING g.id, g.revision, g.version, g.published_at, g.updated_at, saves, publishes, is_public, body),
        kept AS (
          INSERT INTO guide_revision(guide_id, revision, author, saved_at, body) SELECT id, revision, $5, $4, body FROM changed WHERE saves),
        made AS (
          INSERT INTO guide_publication(guide_id, version, revision, at) SELECT id, version, revision, updated_at FROM changed WHERE publishes),
        made_again AS (
          UPDATE guide_publication p SET same_revisions = p.same_revisions || changed.revision
          FROM changed WHERE saves AND is_public AND p.guide_id = changed.id AND p.version = changed.version)
        SELECT id, publishes, version, published_at, updated_at FROM changed
        """;

    /// <summary>Saves the guides, and publishes those that are to be.</summary>
    /// <param name="guides">Each key once.</param>
    /// <param name="cancellationToken">The request's.</param>
    /// <returns>Null where another has created one of them meanwhile: then it is all to be done again.</returns>
    public async Task<ImportOutcome?> WriteAsync(IReadOnlyList<ImportedGuide> guides, CancellationToken cancellationToken)
    {
        var ids = await LockAsync(guides, cancellationToken);
        var known = guides.Where(guide => ids.ContainsKey(guide.Key)).Select(guide => (Id: ids[guide.Key], Guide: guide)).ToList();
        var created = guides
            .Where(guide => !ids.ContainsKey(guide.Key))
            .OrderBy(guide => guide.Key, LockOrder.Instance)
            .Select(New)
            .ToList();
        if (created.Count > 0 && !await CreateAsync(created, cancellationToken))
        {
            return null;
        }
        var changed = known.Count > 0 ? await ChangeAsync(known, cancellationToken) : [];
        List<PublishedGuide> published =
        [
            .. from it in created where it.Guide.IsPublished select Published(it.Id, it.Guide, new Change(true, 1, now, now)),
            .. from it in known
            where changed.TryGetValue(it.Id, out var change) && change.Publishes
            select Published(it.Id, it.Guide, changed[it.Id]),
        ];
        var (sequence, tags) = published.Count > 0 ? await AppendAsync(published, cancellationToken) : (null, []);
        return new ImportOutcome([.. guides.Select(StatusOf)], sequence, tags);

        ImportStatus StatusOf(ImportedGuide guide) =>
            !ids.TryGetValue(guide.Key, out var id) ? ImportStatus.Created
            : changed.ContainsKey(id) ? ImportStatus.Replaced
            : ImportStatus.Unchanged;
    }

    private (Guid Id, ImportedGuide Guide) New(ImportedGuide guide) => (Guid.CreateVersion7(new DateTimeOffset(now)), guide);

    private static PublishedGuide Published(Guid id, ImportedGuide guide, Change change)
    {
        var references = GuideReferences.Of(guide.Body.Sections).ToList();
        return new PublishedGuide(id, guide.Key, guide.Body, references, change.Version, change.PublishedAt, change.UpdatedAt);
    }

    private async Task<Dictionary<GuideKey, Guid>> LockAsync(IReadOnlyList<ImportedGuide> guides, CancellationToken cancellationToken)
    {
        var find = new NpgsqlBatchCommand(LockSql)
        {
            Parameters =
            {
                new() { Value = guides.Select(guide => guide.Key.Slug).ToArray() },
                new() { Value = guides.Select(guide => guide.Key.Locale).ToArray() },
            },
        };
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction) { BatchCommands = { new(SettingsSql), find } };
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        await row.NextResultAsync(cancellationToken);
        Dictionary<GuideKey, Guid> ids = [];
        while (await row.ReadAsync(cancellationToken))
        {
            ids.Add(new GuideKey(row.GetString(1), row.GetString(2)), row.GetGuid(0));
        }
        return ids;
    }

    private async Task<bool> CreateAsync(List<(Guid Id, ImportedGuide Guide)> guides, CancellationToken cancellationToken)
    {
        await using var create = new NpgsqlCommand(CreateSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = guides.Select(it => it.Id).ToArray() },
                new() { Value = guides.Select(it => it.Guide.Key.Slug).ToArray() },
                new() { Value = guides.Select(it => it.Guide.Key.Locale).ToArray() },
                Bodies(guides),
                new() { Value = guides.Select(it => it.Guide.IsPublished).ToArray() },
                new() { Value = now },
                new() { Value = author },
            },
        };
        return await create.ExecuteScalarAsync(cancellationToken) is long count && count == guides.Count;
    }

    private async Task<Dictionary<Guid, Change>> ChangeAsync(
        List<(Guid Id, ImportedGuide Guide)> guides,
        CancellationToken cancellationToken
    )
    {
        await using var change = new NpgsqlCommand(ChangeSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = guides.Select(it => it.Id).ToArray() },
                Bodies(guides),
                new() { Value = guides.Select(it => it.Guide.IsPublished).ToArray() },
                new() { Value = now },
                new() { Value = author },
            },
        };
        await using var row = await change.ExecuteReaderAsync(cancellationToken);
        Dictionary<Guid, Change> changes = [];
        while (await row.ReadAsync(cancellationToken))
        {
            var publishes = row.GetBoolean(1);
            changes.Add(
                row.GetGuid(0),
                publishes
                    ? new Change(true, row.GetInt64(2), row.GetDateTime(3), row.GetDateTime(4))
                    : new Change(false, 0, default, default)
            );
        }
        return changes;
    }

    private async Task<(long? Sequence, IReadOnlyList<string> Tags)> AppendAsync(
        List<PublishedGuide> published,
        CancellationToken cancellationToken
    )
    {
        var gone = await GuideFacets.RewriteAsync(transaction, published, cancellationToken);
        var events = published.Select(guide => (guide.ToEvent(gone[guide.Id]), guide.UpdatedAt)).ToList();
        var sequence = await EventLog.AppendAsync(transaction, events, cancellationToken);
        return (sequence, [.. events.SelectMany(it => it.Item1.Tags!).Distinct()]);
    }

    private static NpgsqlParameter Bodies(IEnumerable<(Guid Id, ImportedGuide Guide)> guides) =>
        new() { Value = guides.Select(it => it.Guide.Json).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };

    private sealed record Change(bool Publishes, long Version, DateTime PublishedAt, DateTime UpdatedAt);

    private sealed class LockOrder : IComparer<GuideKey>
    {
        public static readonly LockOrder Instance = new();

        public int Compare(GuideKey x, GuideKey y) =>
            string.CompareOrdinal(x.Slug, y.Slug) is var bySlug and not 0 ? bySlug
            : (x.Locale == GuideLocale.Default).CompareTo(y.Locale == GuideLocale.Default) is var byDefault and not 0 ? byDefault
            : string.CompareOrdinal(x.Locale, y.Locale);
    }
}
