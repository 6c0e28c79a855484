using System.Globalization;
using System.Text.Json;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>A saved working copy as a list gives it.</summary>
/// <param name="Revision">From 1.</param>
/// <param name="Author">The subject of the token that saved it; empty where that is not known.</param>
/// <param name="SavedAt">UTC.</param>
/// <param name="Published">True where it was ever made public.</param>
/// <param name="Version">The newest version that made it public, or that said the same when it was published; null where none did.</param>
internal sealed record RevisionSummary(long Revision, string Author, DateTime SavedAt, bool Published, long? Version)
{
    /// <summary>Its properties, by which <c>fields</c> chooses.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["revision", "author", "savedAt", "published", "version"];
}

/// <summary>A saved working copy; <paramref name="Guide"/> is the body as a PUT takes it.</summary>
internal sealed record GuideRevision(long Revision, string Author, DateTime SavedAt, bool Published, long? Version, GuideBody Guide)
{
    /// <summary>Its properties, by which <c>fields</c> chooses.</summary>
    public static IReadOnlyList<string> Fields { get; } = [.. RevisionSummary.Fields, "guide"];
}

/// <summary>What makes one revision of another.</summary>
internal sealed record RevisionDiff(long From, long To, IReadOnlyList<PatchOperation> Operations);

/// <summary>Reads the revisions of a guide. Editors read them seldom, and always as they are: nothing of it is kept in a cache.</summary>
internal sealed class GuideRevisions(NpgsqlDataSource database)
{
    private const string Columns = """
        r.revision, r.author, r.saved_at,
          (SELECT max(version) FROM guide_publication p
           WHERE p.guide_id = r.guide_id AND (p.revision = r.revision OR r.revision = ANY(p.same_revisions)))
        """;

    private const string ListSql = $"""
        SELECT {Columns} FROM guide_revision r
        WHERE r.guide_id = (SELECT id FROM guide WHERE slug = $1 AND locale = $2) AND r.revision < $3 ORDER BY r.revision DESC LIMIT $4
        """;

    private const string OneSql = $"""
        SELECT {Columns}, r.body FROM guide_revision r JOIN guide g ON g.id = r.guide_id WHERE g.slug = $1 AND g.locale = $2 AND r.revision = $3
        """;

    /// <summary>The list whose cursors belong to it.</summary>
    public static string ListOf(GuideKey key) => $"guides/{key.Slug}/revisions?locale={key.Locale}";

    /// <summary>The key is the revision.</summary>
    public static bool IsKey(string[] key) => ParseNumber(key[0]) is not null;

    /// <summary>A revision's number; null where the text is none.</summary>
    public static long? ParseNumber(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    /// <summary>A page of the revisions, the newest first; null where there is no such guide.</summary>
    public async Task<Representation?> ListAsync(
        GuideKey key,
        PageRequest page,
        FieldSelection? fields,
        CancellationToken cancellationToken
    )
    {
        var before = page.After is [var last] ? ParseNumber(last)!.Value : long.MaxValue;
        await using var command = database.Command(ListSql, key.Slug, key.Locale, before, page.Limit + 1);
        List<RevisionSummary> revisions = [];
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            revisions.Add(ToSummary(row));
        }
        if (revisions.Count == 0 && page.After is null)
        {
            return null; // a guide has one at least
        }
        var cut = page.Cut(revisions, it => [it.Revision.ToString(CultureInfo.InvariantCulture)]);
        return Representation.OfPage(cut, fields);
    }

    /// <summary>One revision; null where there is none.</summary>
    public async Task<GuideRevision?> FindAsync(GuideKey key, long revision, CancellationToken cancellationToken)
    {
        await using var command = database.Command(OneSql, key.Slug, key.Locale, revision);
        return await FindAsync(command, cancellationToken);
    }

    /// <summary>One revision as a transaction sees it; null where there is none.</summary>
    public static async Task<GuideRevision?> FindAsync(
        NpgsqlTransaction transaction,
        GuideKey key,
        long revision,
        CancellationToken cancellationToken
    )
    {
        await using var command = transaction.Command(OneSql, key.Slug, key.Locale, revision);
        return await FindAsync(command, cancellationToken);
    }

    /// <summary>What makes one revision of another, as the <c>guide</c> of each is.</summary>
    public static RevisionDiff Compare(GuideRevision from, GuideRevision to) =>
        new(from.Revision, to.Revision, JsonPatch.Between(ToJson(from.Guide), ToJson(to.Guide)));

    private static JsonElement ToJson(GuideBody body) => JsonSerializer.SerializeToElement(body, ContentJson.Stored);

    private static async Task<GuideRevision?> FindAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }
        var summary = ToSummary(row);
        var body = JsonSerializer.Deserialize<GuideBody>(row.GetString(4), ContentJson.Stored)!;
        return new GuideRevision(summary.Revision, summary.Author, summary.SavedAt, summary.Published, summary.Version, body);
    }

    private static RevisionSummary ToSummary(NpgsqlDataReader row)
    {
        var version = row.IsDBNull(3) ? (long?)null : row.GetInt64(3);
        return new RevisionSummary(row.GetInt64(0), row.GetString(1), row.GetDateTime(2), version is not null, version);
    }
}
