using System.Globalization;
using BackendGuide.ServiceDefaults;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>The row of a guide, which is this transaction's own until it ends: what writes decide by.</summary>
internal sealed record LockedGuide(
    Guid Id,
    GuideKey Key,
    long Revision,
    long Version,
    bool IsPublic,
    bool IsWithdrawn,
    bool IsScheduled,
    bool IsAsPublished
)
{
    private const string Columns = """
        id, slug, locale, revision, version, published IS NOT NULL, withdrawn_at IS NOT NULL, scheduled_at IS NOT NULL,
          coalesce(published = working, false)
        """;

    private const string OneSql = $"SELECT {Columns} FROM guide WHERE slug = $1 AND locale = $2 FOR UPDATE";

    // Everywhere in this order, so that two who lock all wait for one another instead of for ever.
    private const string AllSql = $"SELECT {Columns} FROM guide WHERE slug = $1 ORDER BY locale = 'en', locale FOR UPDATE";

    private const string DueSql = $"""
        SELECT {Columns} FROM guide WHERE scheduled_at <= $1 AND id <> ALL ($2) ORDER BY scheduled_at LIMIT 1 FOR UPDATE SKIP LOCKED
        """;

    /// <summary>
    /// What tags of the guide begin with: the working copy's, and the public one's while the two are the same.
    /// </summary>
    public string[] Tags => IsAsPublished ? [TagOf(Revision), Version.ToString(CultureInfo.InvariantCulture)] : [TagOf(Revision)];

    /// <summary>What the tag of a working copy begins with.</summary>
    public static string TagOf(long revision) => string.Create(CultureInfo.InvariantCulture, $"r{revision}");

    /// <summary>The guide; null where there is none.</summary>
    public static async Task<LockedGuide?> FindAsync(NpgsqlTransaction transaction, GuideKey key, CancellationToken cancellationToken) =>
        (await ReadAsync(transaction, OneSql, cancellationToken, key.Slug, key.Locale)).SingleOrDefault();

    /// <summary>The guide in every locale that it has, English last.</summary>
    public static Task<IReadOnlyList<LockedGuide>> FindAllAsync(
        NpgsqlTransaction transaction,
        string slug,
        CancellationToken cancellationToken
    ) => ReadAsync(transaction, AllSql, cancellationToken, slug);

    /// <summary>The guide that has been due for the longest, of those that nobody else has locked; null where there is none.</summary>
    /// <param name="transaction">Has it locked after it.</param>
    /// <param name="now">UTC.</param>
    /// <param name="besides">Those that are not meant.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LockedGuide?> FindDueAsync(
        NpgsqlTransaction transaction,
        DateTime now,
        Guid[] besides,
        CancellationToken cancellationToken
    ) => (await ReadAsync(transaction, DueSql, cancellationToken, now, besides)).SingleOrDefault();

    private static async Task<IReadOnlyList<LockedGuide>> ReadAsync(
        NpgsqlTransaction transaction,
        string sql,
        CancellationToken cancellationToken,
        params object[] values
    )
    {
        await using var command = transaction.Command(sql, values);
        List<LockedGuide> guides = [];
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            guides.Add(
                new LockedGuide(
                    row.GetGuid(0),
                    new GuideKey(row.GetString(1), row.GetString(2)),
                    row.GetInt64(3),
                    row.GetInt64(4),
                    row.GetBoolean(5),
                    row.GetBoolean(6),
                    row.GetBoolean(7),
                    row.GetBoolean(8)
                )
            );
        }
        return guides;
    }
}
